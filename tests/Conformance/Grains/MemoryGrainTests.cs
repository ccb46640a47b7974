namespace Granary.Tests.Conformance.Grains;

public sealed class MemoryOneJournaledGrainTests : JournaledGrainConformance<MemoryOnePartition>;

public sealed class MemoryThreeJournaledGrainTests : JournaledGrainConformance<MemoryThreePartitions>;

public sealed class MemoryOneFaultTests : FaultConformance<MemoryOnePartition>;

public sealed class MemoryThreeFaultTests : FaultConformance<MemoryThreePartitions>;

public sealed class MemoryOneCommandTests : CommandConformance<MemoryOnePartition>;

public sealed class MemoryThreeCommandTests : CommandConformance<MemoryThreePartitions>;

public sealed class MemoryOneHistoryTests : HistoryConformance<MemoryOnePartition>;

public sealed class MemoryThreeHistoryTests : HistoryConformance<MemoryThreePartitions>;

public sealed class MemoryOneRetentionTests : RetentionConformance<MemoryOnePartition>;

public sealed class MemoryThreeRetentionTests : RetentionConformance<MemoryThreePartitions>;

public sealed class MemoryOneBasketTests : BasketConformance<MemoryOnePartition>;

public sealed class MemoryThreeBasketTests : BasketConformance<MemoryThreePartitions>;

public sealed class MemoryOneSharedCommandTests : SharedCommandConformance<MemoryOnePartition>;

public sealed class MemoryThreeSharedCommandTests : SharedCommandConformance<MemoryThreePartitions>;
