namespace Granary.Tests.Conformance.Stores;

public sealed class MemoryOneAppendingTests : AppendingConformance<MemoryOnePartition>;

public sealed class MemoryThreeAppendingTests : AppendingConformance<MemoryThreePartitions>;

public sealed class MemoryOneExpectedVersionTests : ExpectedVersionConformance<MemoryOnePartition>;

public sealed class MemoryThreeExpectedVersionTests : ExpectedVersionConformance<MemoryThreePartitions>;

public sealed class MemoryOneIdempotenceTests : IdempotenceConformance<MemoryOnePartition>;

public sealed class MemoryThreeIdempotenceTests : IdempotenceConformance<MemoryThreePartitions>;

public sealed class MemoryOneOrderTests : OrderConformance<MemoryOnePartition>;

public sealed class MemoryThreeOrderTests : OrderConformance<MemoryThreePartitions>;

public sealed class MemoryOneReadingTests : ReadingConformance<MemoryOnePartition>;

public sealed class MemoryThreeReadingTests : ReadingConformance<MemoryThreePartitions>;

public sealed class MemoryOneClearingTests : ClearingConformance<MemoryOnePartition>;

public sealed class MemoryThreeClearingTests : ClearingConformance<MemoryThreePartitions>;

public sealed class MemoryOneTruncationTests : TruncationConformance<MemoryOnePartition>;

public sealed class MemoryOneTruncationSnapshotTests : TruncationSnapshotConformance<MemoryOnePartition>;

public sealed class MemoryOneCatalogTests : CatalogConformance<MemoryOnePartition>;

public sealed class MemoryThreeTruncationTests : TruncationConformance<MemoryThreePartitions>;

public sealed class MemoryThreeTruncationSnapshotTests : TruncationSnapshotConformance<MemoryThreePartitions>;

public sealed class MemoryThreeCatalogTests : CatalogConformance<MemoryThreePartitions>;

public sealed class MemoryOneSnapshotTests : SnapshotConformance<MemoryOnePartition>;

public sealed class MemoryThreeSnapshotTests : SnapshotConformance<MemoryThreePartitions>;

public sealed class MemoryOneLogPageTests : LogPageConformance<MemoryOnePartition>;

public sealed class MemoryThreeLogPageTests : LogPageConformance<MemoryThreePartitions>;

public sealed class MemoryOneCheckpointTests : CheckpointConformance<MemoryOnePartition>;

public sealed class MemoryThreeCheckpointTests : CheckpointConformance<MemoryThreePartitions>;

public sealed class MemoryOneLogTailTests : LogTailConformance<MemoryOnePartition>;

public sealed class MemoryThreeLogTailTests : LogTailConformance<MemoryThreePartitions>;

public sealed class MemoryOneDescriptionTests : DescriptionConformance<MemoryOnePartition>;

public sealed class MemoryThreeDescriptionTests : DescriptionConformance<MemoryThreePartitions>;

public sealed class MemoryOneRefusalTests : RefusalConformance<MemoryOnePartition>;

public sealed class MemoryThreeRefusalTests : RefusalConformance<MemoryThreePartitions>;

public sealed class MemoryOneReopeningTests : ReopeningConformance<MemoryOnePartition>;

public sealed class MemoryThreeReopeningTests : ReopeningConformance<MemoryThreePartitions>;

public sealed class MemoryOneModelStoreTests : ModelStoreConformance<MemoryOnePartition>;

public sealed class MemoryThreeModelStoreTests : ModelStoreConformance<MemoryThreePartitions>;

public sealed class MemoryOneModelCommitTests : ModelCommitConformance<MemoryOnePartition>;

public sealed class MemoryThreeModelCommitTests : ModelCommitConformance<MemoryThreePartitions>;

public sealed class MemoryOneSqlModelTests : SqlModelConformance<MemoryOnePartition>;

public sealed class MemoryThreeSqlModelTests : SqlModelConformance<MemoryThreePartitions>;

public sealed class MemoryOneModelQueryTests : ModelQueryConformance<MemoryOnePartition>;

public sealed class MemoryThreeModelQueryTests : ModelQueryConformance<MemoryThreePartitions>;

public sealed class MemoryOneModelPageTests : ModelPageConformance<MemoryOnePartition>;

public sealed class MemoryThreeModelPageTests : ModelPageConformance<MemoryThreePartitions>;

public sealed class MemoryOneEnrolmentTests : EnrolmentConformance<MemoryOnePartition>;

public sealed class MemoryThreeEnrolmentTests : EnrolmentConformance<MemoryThreePartitions>;
