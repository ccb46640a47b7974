namespace Granary.Tests.Conformance.Stores;

public sealed class AzureOneAppendingTests : AppendingConformance<AzureOnePartition>;

public sealed class AzureThreeAppendingTests : AppendingConformance<AzureThreePartitions>;

public sealed class AzureOneExpectedVersionTests : ExpectedVersionConformance<AzureOnePartition>;

public sealed class AzureThreeExpectedVersionTests : ExpectedVersionConformance<AzureThreePartitions>;

public sealed class AzureOneIdempotenceTests : IdempotenceConformance<AzureOnePartition>;

public sealed class AzureThreeIdempotenceTests : IdempotenceConformance<AzureThreePartitions>;

public sealed class AzureOneOrderTests : OrderConformance<AzureOnePartition>;

public sealed class AzureThreeOrderTests : OrderConformance<AzureThreePartitions>;

public sealed class AzureOneReadingTests : ReadingConformance<AzureOnePartition>;

public sealed class AzureThreeReadingTests : ReadingConformance<AzureThreePartitions>;

public sealed class AzureOneClearingTests : ClearingConformance<AzureOnePartition>;

public sealed class AzureThreeClearingTests : ClearingConformance<AzureThreePartitions>;

public sealed class AzureOneTruncationTests : TruncationConformance<AzureOnePartition>;

public sealed class AzureOneTruncationSnapshotTests : TruncationSnapshotConformance<AzureOnePartition>;

public sealed class AzureOneCatalogTests : CatalogConformance<AzureOnePartition>;

public sealed class AzureThreeTruncationTests : TruncationConformance<AzureThreePartitions>;

public sealed class AzureThreeTruncationSnapshotTests : TruncationSnapshotConformance<AzureThreePartitions>;

public sealed class AzureThreeCatalogTests : CatalogConformance<AzureThreePartitions>;

public sealed class AzureOneSnapshotTests : SnapshotConformance<AzureOnePartition>;

public sealed class AzureThreeSnapshotTests : SnapshotConformance<AzureThreePartitions>;

public sealed class AzureOneLogPageTests : LogPageConformance<AzureOnePartition>;

public sealed class AzureThreeLogPageTests : LogPageConformance<AzureThreePartitions>;

public sealed class AzureOneCheckpointTests : CheckpointConformance<AzureOnePartition>;

public sealed class AzureThreeCheckpointTests : CheckpointConformance<AzureThreePartitions>;

public sealed class AzureOneLogTailTests : LogTailConformance<AzureOnePartition>;

public sealed class AzureThreeLogTailTests : LogTailConformance<AzureThreePartitions>;

public sealed class AzureOneDescriptionTests : DescriptionConformance<AzureOnePartition>;

public sealed class AzureThreeDescriptionTests : DescriptionConformance<AzureThreePartitions>;

public sealed class AzureOneRefusalTests : RefusalConformance<AzureOnePartition>;

public sealed class AzureThreeRefusalTests : RefusalConformance<AzureThreePartitions>;

public sealed class AzureOneReopeningTests : ReopeningConformance<AzureOnePartition>;

public sealed class AzureThreeReopeningTests : ReopeningConformance<AzureThreePartitions>;

public sealed class AzureOneModelStoreTests : ModelStoreConformance<AzureOnePartition>;

public sealed class AzureThreeModelStoreTests : ModelStoreConformance<AzureThreePartitions>;

public sealed class AzureOneModelCommitTests : ModelCommitConformance<AzureOnePartition>;

public sealed class AzureThreeModelCommitTests : ModelCommitConformance<AzureThreePartitions>;

public sealed class AzureOneSqlModelTests : SqlModelConformance<AzureOnePartition>;

public sealed class AzureThreeSqlModelTests : SqlModelConformance<AzureThreePartitions>;

public sealed class AzureOneModelQueryTests : ModelQueryConformance<AzureOnePartition>;

public sealed class AzureThreeModelQueryTests : ModelQueryConformance<AzureThreePartitions>;

public sealed class AzureOneModelPageTests : ModelPageConformance<AzureOnePartition>;

public sealed class AzureThreeModelPageTests : ModelPageConformance<AzureThreePartitions>;

public sealed class AzureOneEnrolmentTests : EnrolmentConformance<AzureOnePartition>;

public sealed class AzureThreeEnrolmentTests : EnrolmentConformance<AzureThreePartitions>;
