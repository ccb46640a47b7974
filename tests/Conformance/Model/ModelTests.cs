namespace Granary.Tests.Conformance.Model;

public sealed class MemoryOneModelTests : ModelConformance<MemoryOnePartition>;

public sealed class MemoryThreeModelTests : ModelConformance<MemoryThreePartitions>;

public sealed class SqliteOneModelTests : ModelConformance<SqliteOnePartition>;

public sealed class SqliteThreeModelTests : ModelConformance<SqliteThreePartitions>;

public sealed class PostgresOneModelTests : ModelConformance<PostgresOnePartition>;

public sealed class PostgresThreeModelTests : ModelConformance<PostgresThreePartitions>;

public sealed class AzureOneModelTests : ModelConformance<AzureOnePartition>;

public sealed class AzureThreeModelTests : ModelConformance<AzureThreePartitions>;

public sealed class MemoryOneCommitModelTests : CommitModelConformance<MemoryOnePartition>;

public sealed class MemoryThreeCommitModelTests : CommitModelConformance<MemoryThreePartitions>;

public sealed class SqliteOneCommitModelTests : CommitModelConformance<SqliteOnePartition>;

public sealed class SqliteThreeCommitModelTests : CommitModelConformance<SqliteThreePartitions>;

public sealed class PostgresOneCommitModelTests : CommitModelConformance<PostgresOnePartition>;

public sealed class PostgresThreeCommitModelTests : CommitModelConformance<PostgresThreePartitions>;

public sealed class AzureOneCommitModelTests : CommitModelConformance<AzureOnePartition>;

public sealed class AzureThreeCommitModelTests : CommitModelConformance<AzureThreePartitions>;
