namespace Granary.Tests.Conformance.Stores;

public sealed class SqliteOneAppendingTests : AppendingConformance<SqliteOnePartition>;

public sealed class SqliteThreeAppendingTests : AppendingConformance<SqliteThreePartitions>;

public sealed class SqliteOneExpectedVersionTests : ExpectedVersionConformance<SqliteOnePartition>;

public sealed class SqliteThreeExpectedVersionTests : ExpectedVersionConformance<SqliteThreePartitions>;

public sealed class SqliteOneIdempotenceTests : IdempotenceConformance<SqliteOnePartition>;

public sealed class SqliteThreeIdempotenceTests : IdempotenceConformance<SqliteThreePartitions>;

public sealed class SqliteOneOrderTests : OrderConformance<SqliteOnePartition>;

public sealed class SqliteThreeOrderTests : OrderConformance<SqliteThreePartitions>;

public sealed class SqliteOneReadingTests : ReadingConformance<SqliteOnePartition>;

public sealed class SqliteThreeReadingTests : ReadingConformance<SqliteThreePartitions>;

public sealed class SqliteOneClearingTests : ClearingConformance<SqliteOnePartition>;

public sealed class SqliteThreeClearingTests : ClearingConformance<SqliteThreePartitions>;

public sealed class SqliteOneTruncationTests : TruncationConformance<SqliteOnePartition>;

public sealed class SqliteOneTruncationSnapshotTests : TruncationSnapshotConformance<SqliteOnePartition>;

public sealed class SqliteOneCatalogTests : CatalogConformance<SqliteOnePartition>;

public sealed class SqliteThreeTruncationTests : TruncationConformance<SqliteThreePartitions>;

public sealed class SqliteThreeTruncationSnapshotTests : TruncationSnapshotConformance<SqliteThreePartitions>;

public sealed class SqliteThreeCatalogTests : CatalogConformance<SqliteThreePartitions>;

public sealed class SqliteOneSnapshotTests : SnapshotConformance<SqliteOnePartition>;

public sealed class SqliteThreeSnapshotTests : SnapshotConformance<SqliteThreePartitions>;

public sealed class SqliteOneLogPageTests : LogPageConformance<SqliteOnePartition>;

public sealed class SqliteThreeLogPageTests : LogPageConformance<SqliteThreePartitions>;

public sealed class SqliteOneCheckpointTests : CheckpointConformance<SqliteOnePartition>;

public sealed class SqliteThreeCheckpointTests : CheckpointConformance<SqliteThreePartitions>;

public sealed class SqliteOneLogTailTests : LogTailConformance<SqliteOnePartition>;

public sealed class SqliteThreeLogTailTests : LogTailConformance<SqliteThreePartitions>;

public sealed class SqliteOneDescriptionTests : DescriptionConformance<SqliteOnePartition>;

public sealed class SqliteThreeDescriptionTests : DescriptionConformance<SqliteThreePartitions>;

public sealed class SqliteOneRefusalTests : RefusalConformance<SqliteOnePartition>;

public sealed class SqliteThreeRefusalTests : RefusalConformance<SqliteThreePartitions>;

public sealed class SqliteOneReopeningTests : ReopeningConformance<SqliteOnePartition>;

public sealed class SqliteThreeReopeningTests : ReopeningConformance<SqliteThreePartitions>;

public sealed class SqliteOneModelStoreTests : ModelStoreConformance<SqliteOnePartition>;

public sealed class SqliteThreeModelStoreTests : ModelStoreConformance<SqliteThreePartitions>;

public sealed class SqliteOneModelCommitTests : ModelCommitConformance<SqliteOnePartition>;

public sealed class SqliteThreeModelCommitTests : ModelCommitConformance<SqliteThreePartitions>;

public sealed class SqliteOneSqlModelTests : SqlModelConformance<SqliteOnePartition>;

public sealed class SqliteThreeSqlModelTests : SqlModelConformance<SqliteThreePartitions>;

public sealed class SqliteOneModelQueryTests : ModelQueryConformance<SqliteOnePartition>;

public sealed class SqliteThreeModelQueryTests : ModelQueryConformance<SqliteThreePartitions>;

public sealed class SqliteOneModelPageTests : ModelPageConformance<SqliteOnePartition>;

public sealed class SqliteThreeModelPageTests : ModelPageConformance<SqliteThreePartitions>;

public sealed class SqliteOneEnrolmentTests : EnrolmentConformance<SqliteOnePartition>;

public sealed class SqliteThreeEnrolmentTests : EnrolmentConformance<SqliteThreePartitions>;
