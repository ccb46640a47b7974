namespace Granary.Tests.Conformance.Stores;

public sealed class TransactionPoolerAppendingTests : AppendingConformance<PostgresThroughTransactions>;

public sealed class TransactionPoolerExpectedVersionTests : ExpectedVersionConformance<PostgresThroughTransactions>;

public sealed class TransactionPoolerIdempotenceTests : IdempotenceConformance<PostgresThroughTransactions>;

public sealed class TransactionPoolerClearingTests : ClearingConformance<PostgresThroughTransactions>;

public sealed class TransactionPoolerTruncationTests : TruncationConformance<PostgresThroughTransactions>;

public sealed class TransactionPoolerCatalogTests : CatalogConformance<PostgresThroughTransactions>;

public sealed class TransactionPoolerSnapshotTests : SnapshotConformance<PostgresThroughTransactions>;

public sealed class TransactionPoolerLogPageTests : LogPageConformance<PostgresThroughTransactions>;

public sealed class TransactionPoolerCheckpointTests : CheckpointConformance<PostgresThroughTransactions>;

public sealed class TransactionPoolerReopeningTests : ReopeningConformance<PostgresThroughTransactions>;

public sealed class SessionPoolerAppendingTests : AppendingConformance<PostgresThroughSessions>;

public sealed class SessionPoolerTruncationTests : TruncationConformance<PostgresThroughSessions>;

public sealed class SessionPoolerReopeningTests : ReopeningConformance<PostgresThroughSessions>;
