-- For people: select * from event_log.
CREATE VIEW event_log AS
SELECT
  l.partition,
  l.position,
  s.category || '/' || s.key AS stream,
  l.version,
  t.name AS type,
  t.schema_version,
  strftime('%Y-%m-%dT%H:%M:%S', l.timestamp / 1000000, 'unixepoch')
    || printf('.%06dZ', l.timestamp % 1000000) AS timestamp,
  CASE WHEN t.content_type LIKE '%json%' THEN CAST(l.payload AS TEXT) ELSE hex(l.payload) END AS data,
  ifnull(CAST(l.metadata AS TEXT), '{}') AS metadata,
  lower(substr(hex(l.id), 1, 8) || '-' || substr(hex(l.id), 9, 4) || '-' || substr(hex(l.id), 13, 4) || '-'
    || substr(hex(l.id), 17, 4) || '-' || substr(hex(l.id), 21)) AS id
FROM ({log}) AS l
JOIN streams AS s ON s.id = l.stream
JOIN types AS t ON t.id = l.type;
