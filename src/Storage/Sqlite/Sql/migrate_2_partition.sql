ALTER TABLE log_{partition} RENAME TO log_{partition}_before;

CREATE TABLE log_{partition} (
  position INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  version INTEGER NOT NULL,
  prev INTEGER NOT NULL,
  type INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  id BLOB NOT NULL,
  append_id BLOB NOT NULL,
  checksum INTEGER NOT NULL,
  metadata BLOB NOT NULL,
  payload BLOB NOT NULL
);

INSERT INTO log_{partition}
SELECT
  b.position, b.stream, b.version, CASE WHEN b.version = 1 THEN 0 ELSE coalesce(p.prev, 0) END,
  b.type, b.timestamp, b.id, b.append_id, b.checksum, b.metadata, b.payload
FROM log_{partition}_before AS b
JOIN (
  SELECT position, lag(position) OVER (PARTITION BY stream ORDER BY position) AS prev
  FROM log_{partition}_before
) AS p ON p.position = b.position
ORDER BY b.position;

DROP TABLE log_{partition}_before;

INSERT INTO heads (stream, version, position)
SELECT stream, version, max(position) FROM log_{partition} GROUP BY stream;

INSERT INTO marks (stream, version, position)
SELECT l.stream, l.version, l.position
FROM log_{partition} AS l
JOIN streams AS s ON s.id = l.stream
WHERE l.version % 64 = 1 AND l.position > s.cleared;

UPDATE indexed
SET position = (SELECT coalesce(max(position), 0) FROM log_{partition})
WHERE partition = {partition};
