using System.Diagnostics;
using System.Globalization;
using Granary.Tests;
using Npgsql;

namespace Granary.Benchmarks;

/// <summary>
/// Shipped silos, each a process of its own, in one cluster over Redis and on one schema of PostgreSQL. Each has its
/// share of the callers.
/// </summary>
/// <param name="shape">How many silos and partitions.</param>
internal sealed class SiloCluster(ClusterShape shape) : IAsyncDisposable
{
    /// <summary>Of each silo: the server has connections for all of them.</summary>
    public const int ConnectionsMax = 25;

    private readonly BenchSchema _schema = new();
    private readonly List<Process> _silos = [];
    private long _confirmed;

    public ClusterShape Shape => shape;

    public async Task StartAsync()
    {
        if (RedisServer.SkipReason is { } reason) throw new InvalidOperationException(reason);
        for (var at = 0; at < shape.Silos; at++)
        {
            var info = SelfProcess.Info(SiloProcess.Command);
            foreach (var (name, value) in Settings()) info.Environment[name] = value;
            var silo = Process.Start(info)!;
            _silos.Add(silo);
            await LineAsync(silo, SiloProcess.Ready);
        }
    }

    /// <summary>Runs a load, divided among the silos; what it was counts as confirmed.</summary>
    public async Task<ClusterOutcome> RunAsync(Load load)
    {
        var each = load.Callers / shape.Silos;
        var outcomes = await Task.WhenAll(_silos.Select(async (silo, at) =>
        {
            var part = load with { Callers = each, FirstGrain = at * each };
            await silo.StandardInput.WriteLineAsync(LoadProcess.Write(new SiloLoad(part, shape.Silos)));
            return LoadProcess.Read<SiloOutcome>(await LineAsync(silo, SiloProcess.Prefix));
        }));
        var outcome = new ClusterOutcome(outcomes);
        _confirmed += outcome.Events;
        return outcome;
    }

    /// <exception cref="InvalidDataException">The database holds more or less than was confirmed.</exception>
    public async Task CheckAsync()
    {
        var held = await _schema.CountAsync("log");
        if (held != _confirmed)
            throw new InvalidDataException(
                $"{shape} confirmed {_confirmed} events and holds {held}: its figures are not valid.");
    }

    public async ValueTask DisposeAsync()
    {
        // A silo ends when there is nothing more to read.
        foreach (var silo in _silos) silo.StandardInput.Close();
        foreach (var silo in _silos)
        {
            while (await silo.StandardOutput.ReadLineAsync() is not null)
            {
            }

            await silo.WaitForExitAsync();
            silo.Dispose();
        }

        await _schema.DisposeAsync();
    }

    // Without a prefix every line of the output is the silo's log.
    private static async Task<string> LineAsync(Process silo, string prefix)
    {
        while (await silo.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(prefix, StringComparison.Ordinal)) return line[prefix.Length..];
        }

        throw new IOException("A silo ended; its error is printed above.");
    }

    private IEnumerable<(string Name, string Value)> Settings()
    {
        var connection = new NpgsqlConnectionStringBuilder(PostgresServer.ConnectionString)
        {
            MaxPoolSize = ConnectionsMax,
        };
        var port = new Func<string>(static () => BenchSilo.NextPort().ToString(CultureInfo.InvariantCulture));
        return
        [
            ("Granary__Store", "postgres"),
            ("Granary__Postgres__ConnectionString", connection.ConnectionString),
            ("Granary__Postgres__Schema", _schema.Name),
            ("Granary__PartitionCount", shape.Partitions.ToString(CultureInfo.InvariantCulture)),
            ("Granary__Cluster", "redis"),
            ("Granary__ClusterConnectionString", RedisServer.ConnectionString),
            ("Granary__ClusterId", _schema.Name),
            ("Granary__ServiceId", _schema.Name),
            ("Granary__Url", $"http://127.0.0.1:{port()}"),
            ("Granary__SiloPort", port()),
            ("Granary__GatewayPort", port()),
        ];
    }
}

/// <summary>How many silos a cluster has, and how many partitions its log.</summary>
internal readonly record struct ClusterShape(int Silos, int Partitions)
{
    public override string ToString() => $"{Silos} silo(s) on {Partitions} partition(s)";
}

/// <summary>What the silos of a cluster did together.</summary>
internal sealed class ClusterOutcome(IReadOnlyList<SiloOutcome> silos)
{
    public long Events { get; } = silos.Sum(static one => one.Outcome.Events);

    /// <summary>Until the slowest was done.</summary>
    public double EventsPerSecond => Events / silos.Max(static one => one.Outcome.Elapsed).TotalSeconds;

    public double EventsPerCommit =>
        (double)silos.Sum(static one => one.Appends) / Math.Max(1, silos.Sum(static one => one.Commits));

    /// <summary>The processor time of all silos, for each event.</summary>
    public TimeSpan CpuEach => TimeSpan.FromSeconds(silos.Sum(static one => one.Cpu.TotalSeconds) / Events);
}
