namespace Granary.Tests.Conformance.SelfTest;

// The suites as the self-test runs them. They are not public, so that the runner does not take them for tests.
internal sealed class AppendingProbe : AppendingConformance<FaultyThreePartitions>;

internal sealed class ExpectedVersionProbe : ExpectedVersionConformance<FaultyThreePartitions>;

internal sealed class IdempotenceProbe : IdempotenceConformance<FaultyThreePartitions>;

internal sealed class OrderProbe : OrderConformance<FaultyThreePartitions>;

internal sealed class ReadingProbe : ReadingConformance<FaultyThreePartitions>;

internal sealed class ClearingProbe : ClearingConformance<FaultyThreePartitions>;

internal sealed class TruncationProbe : TruncationConformance<FaultyThreePartitions>;

internal sealed class TruncationSnapshotProbe : TruncationSnapshotConformance<FaultyThreePartitions>;

internal sealed class CatalogProbe : CatalogConformance<FaultyThreePartitions>;

internal sealed class SnapshotProbe : SnapshotConformance<FaultyThreePartitions>;

internal sealed class LogPageProbe : LogPageConformance<FaultyThreePartitions>;

internal sealed class CheckpointProbe : CheckpointConformance<FaultyThreePartitions>;

internal sealed class ModelStoreProbe : ModelStoreConformance<FaultyThreePartitions>;

internal sealed class ModelCommitProbe : ModelCommitConformance<FaultyThreePartitions>;

internal sealed class SqlModelProbe : SqlModelConformance<FaultyThreePartitions>;

internal sealed class ModelQueryProbe : ModelQueryConformance<FaultyThreePartitions>;

internal sealed class ModelPageProbe : ModelPageConformance<FaultyThreePartitions>;

internal sealed class LogTailProbe : LogTailConformance<FaultyThreePartitions>
{
    protected override TimeSpan Patience => TimeSpan.FromSeconds(1);
}

internal sealed class DescriptionProbe : DescriptionConformance<FaultyThreePartitions>;

internal sealed class RefusalProbe : RefusalConformance<FaultyThreePartitions>;

internal sealed class ReopeningProbe : ReopeningConformance<FaultyThreePartitions>;
