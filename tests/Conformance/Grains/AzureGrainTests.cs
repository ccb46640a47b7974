namespace Granary.Tests.Conformance.Grains;

public sealed class AzureOneJournaledGrainTests : JournaledGrainConformance<AzureOnePartition>;

public sealed class AzureThreeJournaledGrainTests : JournaledGrainConformance<AzureThreePartitions>;

public sealed class AzureOneFaultTests : FaultConformance<AzureOnePartition>;

public sealed class AzureThreeFaultTests : FaultConformance<AzureThreePartitions>;

public sealed class AzureOneCommandTests : CommandConformance<AzureOnePartition>;

public sealed class AzureThreeCommandTests : CommandConformance<AzureThreePartitions>;

public sealed class AzureOneHistoryTests : HistoryConformance<AzureOnePartition>;

public sealed class AzureThreeHistoryTests : HistoryConformance<AzureThreePartitions>;

public sealed class AzureOneRetentionTests : RetentionConformance<AzureOnePartition>;

public sealed class AzureThreeRetentionTests : RetentionConformance<AzureThreePartitions>;

public sealed class AzureOneBasketTests : BasketConformance<AzureOnePartition>;

public sealed class AzureThreeBasketTests : BasketConformance<AzureThreePartitions>;

public sealed class AzureOneSharedCommandTests : SharedCommandConformance<AzureOnePartition>;

public sealed class AzureThreeSharedCommandTests : SharedCommandConformance<AzureThreePartitions>;
