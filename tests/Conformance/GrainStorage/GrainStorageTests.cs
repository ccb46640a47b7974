namespace Granary.Tests.Conformance.GrainStorage;

public sealed class MemoryOnMemorySnapshotTests : SnapshotConformance<MemoryOnMemory>;

public sealed class MemoryOnMemoryTruncationSnapshotTests : TruncationSnapshotConformance<MemoryOnMemory>;

public sealed class MemoryOnMemoryTruncationTests : TruncationConformance<MemoryOnMemory>;

public sealed class MemoryOnMemoryClearingTests : ClearingConformance<MemoryOnMemory>;

public sealed class MemoryOnMemoryRefusalTests : RefusalConformance<MemoryOnMemory>;

public sealed class MemoryOnMemoryReopeningTests : ReopeningConformance<MemoryOnMemory>;

public sealed class MemoryOnMemoryIdempotenceTests : IdempotenceConformance<MemoryOnMemory>;

public sealed class MemoryOnMemoryModelTests : ModelConformance<MemoryOnMemory>;

public sealed class MemoryOnMemoryRetentionTests : RetentionConformance<MemoryOnMemory>;

public sealed class MemoryOnMemoryJournaledGrainTests : JournaledGrainConformance<MemoryOnMemory>;

public sealed class MemoryOnSqliteSnapshotTests : SnapshotConformance<MemoryOnSqlite>;

public sealed class MemoryOnSqliteTruncationSnapshotTests : TruncationSnapshotConformance<MemoryOnSqlite>;

public sealed class MemoryOnSqliteTruncationTests : TruncationConformance<MemoryOnSqlite>;

public sealed class MemoryOnSqliteClearingTests : ClearingConformance<MemoryOnSqlite>;

public sealed class MemoryOnSqliteRefusalTests : RefusalConformance<MemoryOnSqlite>;

public sealed class MemoryOnSqliteReopeningTests : ReopeningConformance<MemoryOnSqlite>;

public sealed class MemoryOnSqliteIdempotenceTests : IdempotenceConformance<MemoryOnSqlite>;

public sealed class MemoryOnSqliteModelTests : ModelConformance<MemoryOnSqlite>;

public sealed class MemoryOnSqliteRetentionTests : RetentionConformance<MemoryOnSqlite>;

public sealed class MemoryOnSqliteJournaledGrainTests : JournaledGrainConformance<MemoryOnSqlite>;

public sealed class MemoryOnPostgresSnapshotTests : SnapshotConformance<MemoryOnPostgres>;

public sealed class MemoryOnPostgresTruncationSnapshotTests : TruncationSnapshotConformance<MemoryOnPostgres>;

public sealed class MemoryOnPostgresTruncationTests : TruncationConformance<MemoryOnPostgres>;

public sealed class MemoryOnPostgresClearingTests : ClearingConformance<MemoryOnPostgres>;

public sealed class MemoryOnPostgresRefusalTests : RefusalConformance<MemoryOnPostgres>;

public sealed class MemoryOnPostgresReopeningTests : ReopeningConformance<MemoryOnPostgres>;

public sealed class MemoryOnPostgresIdempotenceTests : IdempotenceConformance<MemoryOnPostgres>;

public sealed class MemoryOnPostgresModelTests : ModelConformance<MemoryOnPostgres>;

public sealed class MemoryOnPostgresRetentionTests : RetentionConformance<MemoryOnPostgres>;

public sealed class MemoryOnPostgresJournaledGrainTests : JournaledGrainConformance<MemoryOnPostgres>;

public sealed class BlobOnMemorySnapshotTests : SnapshotConformance<BlobOnMemory>;

public sealed class BlobOnMemoryTruncationSnapshotTests : TruncationSnapshotConformance<BlobOnMemory>;

public sealed class BlobOnMemoryTruncationTests : TruncationConformance<BlobOnMemory>;

public sealed class BlobOnMemoryClearingTests : ClearingConformance<BlobOnMemory>;

public sealed class BlobOnMemoryRefusalTests : RefusalConformance<BlobOnMemory>;

public sealed class BlobOnMemoryReopeningTests : ReopeningConformance<BlobOnMemory>;

public sealed class BlobOnMemoryIdempotenceTests : IdempotenceConformance<BlobOnMemory>;

public sealed class BlobOnMemoryModelTests : ModelConformance<BlobOnMemory>;

public sealed class BlobOnMemoryRetentionTests : RetentionConformance<BlobOnMemory>;

public sealed class BlobOnMemoryJournaledGrainTests : JournaledGrainConformance<BlobOnMemory>;

public sealed class BlobOnSqliteSnapshotTests : SnapshotConformance<BlobOnSqlite>;

public sealed class BlobOnSqliteTruncationSnapshotTests : TruncationSnapshotConformance<BlobOnSqlite>;

public sealed class BlobOnSqliteTruncationTests : TruncationConformance<BlobOnSqlite>;

public sealed class BlobOnSqliteClearingTests : ClearingConformance<BlobOnSqlite>;

public sealed class BlobOnSqliteReopeningTests : ReopeningConformance<BlobOnSqlite>;

public sealed class RedisOnMemorySnapshotTests : SnapshotConformance<RedisOnMemory>;

public sealed class RedisOnMemoryTruncationSnapshotTests : TruncationSnapshotConformance<RedisOnMemory>;

public sealed class RedisOnMemoryTruncationTests : TruncationConformance<RedisOnMemory>;

public sealed class RedisOnMemoryClearingTests : ClearingConformance<RedisOnMemory>;

public sealed class RedisOnMemoryReopeningTests : ReopeningConformance<RedisOnMemory>;
