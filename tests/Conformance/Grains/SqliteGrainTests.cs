namespace Granary.Tests.Conformance.Grains;

public sealed class SqliteOneJournaledGrainTests : JournaledGrainConformance<SqliteOnePartition>;

public sealed class SqliteThreeJournaledGrainTests : JournaledGrainConformance<SqliteThreePartitions>;

public sealed class SqliteOneFaultTests : FaultConformance<SqliteOnePartition>;

public sealed class SqliteThreeFaultTests : FaultConformance<SqliteThreePartitions>;

public sealed class SqliteOneCommandTests : CommandConformance<SqliteOnePartition>;

public sealed class SqliteThreeCommandTests : CommandConformance<SqliteThreePartitions>;

public sealed class SqliteOneHistoryTests : HistoryConformance<SqliteOnePartition>;

public sealed class SqliteThreeHistoryTests : HistoryConformance<SqliteThreePartitions>;

public sealed class SqliteOneRetentionTests : RetentionConformance<SqliteOnePartition>;

public sealed class SqliteThreeRetentionTests : RetentionConformance<SqliteThreePartitions>;

public sealed class SqliteOneBasketTests : BasketConformance<SqliteOnePartition>;

public sealed class SqliteThreeBasketTests : BasketConformance<SqliteThreePartitions>;

public sealed class SqliteOneSharedCommandTests : SharedCommandConformance<SqliteOnePartition>;

public sealed class SqliteThreeSharedCommandTests : SharedCommandConformance<SqliteThreePartitions>;
