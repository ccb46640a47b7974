using Microsoft.Data.Sqlite;

namespace Granary.Tests.Conformance.SelfTest;

/// <summary>What all instances of a <see cref="FaultyModelStore"/> share, as processes share a database.</summary>
internal sealed class FaultyModels : IDisposable
{
    private readonly string _sql =
        $"Data Source=faulty-{Uuid7.New(TimeProvider.System):n};Mode=Memory;Cache=Shared;Pooling=False";

    private TaskCompletionSource? _waiting;
    private SqliteConnection? _kept;

    /// <summary>One at a time writes with SQL.</summary>
    public SemaphoreSlim WritingSql { get; } = new(1);

    /// <summary>The connection that is open as long as the database is to be there.</summary>
    public SqliteConnection Kept => _kept ??= Open();

    public Lock Lock { get; } = new();

    public Dictionary<string, FaultyTable> Tables { get; } = [];

    public Dictionary<string, string> Views { get; } = [];

    public Dictionary<(string Name, LogPartition Partition), ModelCheckpoint> Checkpoints { get; } = [];

    /// <summary>
    /// Waits until another caller has checked too, and for a second at most: then both believe that they may write.
    /// </summary>
    public async Task CheckedAsync(CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (Lock)
        {
            if (_waiting is { } other)
            {
                _waiting = null;
                other.SetResult();
                return;
            }

            _waiting = mine;
        }

        await mine.Task.WaitAsync(TimeSpan.FromSeconds(1), cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (Lock)
        {
            if (_waiting == mine) _waiting = null;
        }
    }

    /// <summary>A further connection to the database.</summary>
    public SqliteConnection Connect()
    {
        _ = Kept;
        return Open();
    }

    public void Dispose()
    {
        _kept?.Dispose();
        WritingSql.Dispose();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_sql);
        connection.Open();
        return connection;
    }

    public void Clear()
    {
        Tables.Clear();
        Views.Clear();
        Checkpoints.Clear();
    }
}

/// <summary>A table with its rows and the values of their columns.</summary>
internal sealed class FaultyTable(ModelTable table)
{
    public ModelTable Table => table;

    public Dictionary<string, (ModelRow Row, IReadOnlyList<object?> Values)> Rows { get; } = [];
}
