namespace Granary.Tests.Conformance.Grains;

public sealed class PostgresOneJournaledGrainTests : JournaledGrainConformance<PostgresOnePartition>;

public sealed class PostgresThreeJournaledGrainTests : JournaledGrainConformance<PostgresThreePartitions>;

public sealed class PostgresOneFaultTests : FaultConformance<PostgresOnePartition>;

public sealed class PostgresThreeFaultTests : FaultConformance<PostgresThreePartitions>;

public sealed class PostgresOneCommandTests : CommandConformance<PostgresOnePartition>;

public sealed class PostgresThreeCommandTests : CommandConformance<PostgresThreePartitions>;

public sealed class PostgresOneHistoryTests : HistoryConformance<PostgresOnePartition>;

public sealed class PostgresThreeHistoryTests : HistoryConformance<PostgresThreePartitions>;

public sealed class PostgresOneRetentionTests : RetentionConformance<PostgresOnePartition>;

public sealed class PostgresThreeRetentionTests : RetentionConformance<PostgresThreePartitions>;

public sealed class PostgresOneBasketTests : BasketConformance<PostgresOnePartition>;

public sealed class PostgresThreeBasketTests : BasketConformance<PostgresThreePartitions>;

public sealed class PostgresOneSharedCommandTests : SharedCommandConformance<PostgresOnePartition>;

public sealed class PostgresThreeSharedCommandTests : SharedCommandConformance<PostgresThreePartitions>;
