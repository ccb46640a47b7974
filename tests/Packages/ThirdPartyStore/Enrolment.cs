using Granary.Testing.Conformance;
using Granary.Testing.Conformance.Grains;
using Granary.Testing.Conformance.Model;
using Granary.Testing.Conformance.Stores;

namespace ThirdPartyStore;

public sealed class AppendingTests : AppendingConformance<ThreePartitions>;

public sealed class ExpectedVersionTests : ExpectedVersionConformance<ThreePartitions>;

public sealed class IdempotenceTests : IdempotenceConformance<ThreePartitions>;

public sealed class OrderTests : OrderConformance<ThreePartitions>;

public sealed class ReadingTests : ReadingConformance<ThreePartitions>;

public sealed class ClearingTests : ClearingConformance<ThreePartitions>;

public sealed class TruncationTests : TruncationConformance<ThreePartitions>;

public sealed class TruncationSnapshotTests : TruncationSnapshotConformance<ThreePartitions>;

public sealed class CatalogTests : CatalogConformance<ThreePartitions>;

public sealed class SnapshotTests : SnapshotConformance<ThreePartitions>;

public sealed class LogPageTests : LogPageConformance<ThreePartitions>;

public sealed class CheckpointTests : CheckpointConformance<ThreePartitions>;

public sealed class LogTailTests : LogTailConformance<ThreePartitions>;

public sealed class DescriptionTests : DescriptionConformance<ThreePartitions>;

public sealed class RefusalTests : RefusalConformance<ThreePartitions>;

public sealed class ReopeningTests : ReopeningConformance<ThreePartitions>;

public sealed class ModelStoreTests : ModelStoreConformance<ThreePartitions>;

public sealed class ModelCommitTests : ModelCommitConformance<ThreePartitions>;

public sealed class SqlModelTests : SqlModelConformance<ThreePartitions>;

public sealed class ModelQueryTests : ModelQueryConformance<ThreePartitions>;

public sealed class ModelPageTests : ModelPageConformance<ThreePartitions>;

public sealed class ModelTests : ModelConformance<ThreePartitions>;

public sealed class CommitModelTests : CommitModelConformance<ThreePartitions>;

public sealed class JournaledGrainTests : JournaledGrainConformance<ThreePartitions>;

public sealed class CommandTests : CommandConformance<ThreePartitions>;

public sealed class FaultTests : FaultConformance<ThreePartitions>;

public sealed class HistoryTests : HistoryConformance<ThreePartitions>;

public sealed class RetentionTests : RetentionConformance<ThreePartitions>;

public sealed class BasketTests : BasketConformance<ThreePartitions>;

public sealed class SharedCommandTests : SharedCommandConformance<ThreePartitions>;

public sealed class EnrolmentTests : EnrolmentConformance<ThreePartitions>;
