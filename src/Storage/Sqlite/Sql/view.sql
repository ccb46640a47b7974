-- For people: select * from event_log. What is removed reads as a tombstone, also while its content is still there.
CREATE VIEW event_log AS
SELECT
  l.partition,
  l.position,
  s.category || '/' || s.key AS stream,
  l.version,
  iif(l.removed, 'granary.tombstone', t.name) AS type,
  iif(l.removed, 1, t.schema_version) AS schema_version,
  strftime('%Y-%m-%dT%H:%M:%S', l.timestamp / 1000000, 'unixepoch')
    || printf('.%06dZ', l.timestamp % 1000000) AS timestamp,
  CASE WHEN l.removed THEN ''
    WHEN t.content_type LIKE '%json%' THEN CAST(l.payload AS TEXT)
    ELSE hex(l.payload) END AS data,
  iif(l.removed, '{}', ifnull(CAST(l.metadata AS TEXT), '{}')) AS metadata,
  lower(substr(hex(l.id), 1, 8) || '-' || substr(hex(l.id), 9, 4) || '-' || substr(hex(l.id), 13, 4) || '-'
    || substr(hex(l.id), 17, 4) || '-' || substr(hex(l.id), 21)) AS id
FROM (
  SELECT *, version > 0
    AND EXISTS (SELECT 1 FROM removals AS r WHERE r.stream = log.stream AND r.position > log.position) AS removed
  FROM ({log}) AS log) AS l
JOIN streams AS s ON s.id = l.stream
JOIN types AS t ON t.id = l.type;
