namespace Granary.Tests.Conformance.Model;

public sealed class MemoryOneModelTests : ModelConformance<MemoryOnePartition>;

public sealed class MemoryThreeModelTests : ModelConformance<MemoryThreePartitions>;

public sealed class SqliteOneModelTests : ModelConformance<SqliteOnePartition>;

public sealed class SqliteThreeModelTests : ModelConformance<SqliteThreePartitions>;

public sealed class PostgresOneModelTests : ModelConformance<PostgresOnePartition>;

public sealed class PostgresThreeModelTests : ModelConformance<PostgresThreePartitions>;
