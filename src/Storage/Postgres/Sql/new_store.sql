WITH store AS (
  INSERT INTO {schema}.store (version, partition_count, id) VALUES ($1, $2, $3) RETURNING partition_count
)
INSERT INTO {schema}.indexed (partition, position)
SELECT partition, 0 FROM store CROSS JOIN LATERAL generate_series(0, store.partition_count - 1) AS p(partition)
