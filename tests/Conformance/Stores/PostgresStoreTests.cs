namespace Granary.Tests.Conformance.Stores;

public sealed class PostgresOneAppendingTests : AppendingConformance<PostgresOnePartition>;

public sealed class PostgresThreeAppendingTests : AppendingConformance<PostgresThreePartitions>;

public sealed class PostgresOneExpectedVersionTests : ExpectedVersionConformance<PostgresOnePartition>;

public sealed class PostgresThreeExpectedVersionTests : ExpectedVersionConformance<PostgresThreePartitions>;

public sealed class PostgresOneIdempotenceTests : IdempotenceConformance<PostgresOnePartition>;

public sealed class PostgresThreeIdempotenceTests : IdempotenceConformance<PostgresThreePartitions>;

public sealed class PostgresOneOrderTests : OrderConformance<PostgresOnePartition>;

public sealed class PostgresThreeOrderTests : OrderConformance<PostgresThreePartitions>;

public sealed class PostgresOneReadingTests : ReadingConformance<PostgresOnePartition>;

public sealed class PostgresThreeReadingTests : ReadingConformance<PostgresThreePartitions>;

public sealed class PostgresOneClearingTests : ClearingConformance<PostgresOnePartition>;

public sealed class PostgresThreeClearingTests : ClearingConformance<PostgresThreePartitions>;

public sealed class PostgresOneTruncationTests : TruncationConformance<PostgresOnePartition>;

public sealed class PostgresOneTruncationSnapshotTests : TruncationSnapshotConformance<PostgresOnePartition>;

public sealed class PostgresOneCatalogTests : CatalogConformance<PostgresOnePartition>;

public sealed class PostgresThreeTruncationTests : TruncationConformance<PostgresThreePartitions>;

public sealed class PostgresThreeTruncationSnapshotTests : TruncationSnapshotConformance<PostgresThreePartitions>;

public sealed class PostgresThreeCatalogTests : CatalogConformance<PostgresThreePartitions>;

public sealed class PostgresOneSnapshotTests : SnapshotConformance<PostgresOnePartition>;

public sealed class PostgresThreeSnapshotTests : SnapshotConformance<PostgresThreePartitions>;

public sealed class PostgresOneLogPageTests : LogPageConformance<PostgresOnePartition>;

public sealed class PostgresThreeLogPageTests : LogPageConformance<PostgresThreePartitions>;

public sealed class PostgresOneCheckpointTests : CheckpointConformance<PostgresOnePartition>;

public sealed class PostgresThreeCheckpointTests : CheckpointConformance<PostgresThreePartitions>;

public sealed class PostgresOneLogTailTests : LogTailConformance<PostgresOnePartition>;

public sealed class PostgresThreeLogTailTests : LogTailConformance<PostgresThreePartitions>;

public sealed class PostgresOneDescriptionTests : DescriptionConformance<PostgresOnePartition>;

public sealed class PostgresThreeDescriptionTests : DescriptionConformance<PostgresThreePartitions>;

public sealed class PostgresOneRefusalTests : RefusalConformance<PostgresOnePartition>;

public sealed class PostgresThreeRefusalTests : RefusalConformance<PostgresThreePartitions>;

public sealed class PostgresOneReopeningTests : ReopeningConformance<PostgresOnePartition>;

public sealed class PostgresThreeReopeningTests : ReopeningConformance<PostgresThreePartitions>;

public sealed class PostgresOneModelStoreTests : ModelStoreConformance<PostgresOnePartition>;

public sealed class PostgresThreeModelStoreTests : ModelStoreConformance<PostgresThreePartitions>;

public sealed class PostgresOneModelCommitTests : ModelCommitConformance<PostgresOnePartition>;

public sealed class PostgresThreeModelCommitTests : ModelCommitConformance<PostgresThreePartitions>;

public sealed class PostgresOneSqlModelTests : SqlModelConformance<PostgresOnePartition>;

public sealed class PostgresThreeSqlModelTests : SqlModelConformance<PostgresThreePartitions>;

public sealed class PostgresOneModelQueryTests : ModelQueryConformance<PostgresOnePartition>;

public sealed class PostgresThreeModelQueryTests : ModelQueryConformance<PostgresThreePartitions>;

public sealed class PostgresOneModelPageTests : ModelPageConformance<PostgresOnePartition>;

public sealed class PostgresThreeModelPageTests : ModelPageConformance<PostgresThreePartitions>;

public sealed class PostgresOneEnrolmentTests : EnrolmentConformance<PostgresOnePartition>;

public sealed class PostgresThreeEnrolmentTests : EnrolmentConformance<PostgresThreePartitions>;
