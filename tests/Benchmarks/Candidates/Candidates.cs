using System.Diagnostics;
using System.Runtime;
using JasperFx.Events;

namespace Granary.Benchmarks;

/// <summary>What is compared.</summary>
internal static class Candidates
{
    /// <summary>Each with what makes it; those on the shipped silo may share one.</summary>
    public static IReadOnlyList<CandidateKind> All { get; } =
    [
        new("granary", "Granary on SQLite", static _ => new GranaryCandidate()),
        new("calls", "the shipped silo, called from within it", static silo => new GrainCalls(silo)),
        new("client", "the shipped silo, by Granary.Client from another process",
            static silo => new RemoteLoad(silo, LoadKind.Client)),
        new("http", "the shipped silo, over HTTP from another process",
            static silo => new RemoteLoad(silo, LoadKind.Http)),
        new("lines", "the shipped silo, over HTTP by lines of a request, 64 in flight a connection",
            static silo => new RemoteLoad(silo, LoadKind.Lines)),
        new("parse", "HTTP requests to the shipped silo that are only parsed",
            static silo => new RemoteLoad(silo, LoadKind.Parse)),
        new("plain", "plain grain calls that store nothing", static _ => new PlainCandidate()),
        new("logstorage", "Orleans LogStorage over memory", static _ => new LogStorageCandidate()),
        new("statestorage", "Orleans StateStorage over memory", static _ => new StateStorageCandidate()),
        new("customstorage", "Orleans CustomStorage over an indexed SQLite table",
            static _ => new CustomStorageCandidate()),
        new("akka", "Akka.Persistence.Sql on SQLite", static _ => new AkkaOnSqlite()),
        new("sqlite", "a bare SQLite loop on our schema, one thread", static _ => new SqliteLoopCandidate()),
        new("file", "a bare loop of append and fsync, one thread", static _ => new FileLoopCandidate()),
        new("granary-postgres", "Granary on PostgreSQL", static _ => new GranaryOnPostgres())
        {
            IsOnPostgres = true,
        },
        new("granary-postgres-1", "Granary on PostgreSQL, one partition", static _ => new GranaryOnPostgres(1))
        {
            IsOnPostgres = true,
        },
        new("akka-postgres", "Akka.Persistence.Sql on PostgreSQL", static _ => new AkkaOnPostgres())
        {
            IsOnPostgres = true,
        },
        new("marten", "Marten, quick append", static _ => new MartenCandidate(EventAppendMode.Quick))
        {
            IsOnPostgres = true,
        },
        new("marten-rich", "Marten, rich append", static _ => new MartenCandidate(EventAppendMode.Rich))
        {
            IsOnPostgres = true,
        },
        new("granary-azure", "Granary on Azure Storage", static _ => new GranaryOnAzure()) { IsOnAzure = true },
        new("logstorage-table", "LogStorage over Azure Table storage",
            static _ => new LogStorageOnAzure(inBlobs: false))
        {
            IsOnAzure = true,
        },
        new("logstorage-blob", "LogStorage over Azure Blob storage", static _ => new LogStorageOnAzure(inBlobs: true))
        {
            IsOnAzure = true,
        },
    ];

    /// <summary>What a candidate is.</summary>
    public static string WhatOf(string name) => All.First(one => one.Name == name).What;

    /// <param name="name">Its name.</param>
    /// <param name="silo">The shipped silo, where another candidate is on it too.</param>
    public static Counted Make(string name, ShippedSilo? silo = null) =>
        new(name, All.First(one => one.Name == name).Make(silo ?? new ShippedSilo()));
}

/// <summary>A candidate that can be made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="What">What it is.</param>
/// <param name="Make">Makes it, on the shipped silo or not.</param>
internal sealed record CandidateKind(string Name, string What, Func<ShippedSilo, ICandidate> Make)
{
    /// <summary>Whether it needs a server of PostgreSQL.</summary>
    public bool IsOnPostgres { get; init; }

    /// <summary>Whether it needs Azure Storage.</summary>
    public bool IsOnAzure { get; init; }
}

/// <summary>Something that is run under load.</summary>
internal interface ILoad : IAsyncDisposable
{
    /// <summary>Runs a load; when it returns, everything that was sent is confirmed.</summary>
    Task<Outcome> RunAsync(Load load);
}

/// <summary>One way to store events.</summary>
internal interface ICandidate : ILoad
{
    /// <summary>Makes it ready, with its data in an empty folder.</summary>
    Task StartAsync(string folder);

    /// <summary>How many events it holds, as read back from where it stores them.</summary>
    Task<long> CountAsync();
}

/// <summary>A candidate that can read a stream anew.</summary>
internal interface IReplaying : ICandidate
{
    /// <summary>Forgets what it holds of a stream in memory.</summary>
    Task UnloadAsync(int grain);

    /// <summary>Reads and folds a stream; how many events it has.</summary>
    Task<long> ReplayAsync(int grain);
}

/// <summary>A candidate whose answers are checked: it must hold exactly the events that it confirmed.</summary>
internal sealed class Counted(string name, ICandidate candidate) : IAsyncDisposable
{
    private const int SteadyRounds = 2;

    private static readonly TimeSpan WarmUpRound = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan CompilationMax = WarmUpRound / 50;
    private static readonly TimeSpan WarmUpMax = TimeSpan.FromSeconds(15);

    private long _confirmed;

    public ICandidate Inner => candidate;

    public async Task<Outcome> RunAsync(Load load)
    {
        var outcome = await candidate.RunAsync(load);
        _confirmed += outcome.Events;
        return outcome;
    }

    /// <summary>
    /// Runs a load for the least time of a warm-up and then until hardly anything is compiled any more: before that
    /// the code is several times slower, for a server of HTTP for ten seconds.
    /// </summary>
    public async Task WarmUpAsync(Load load, RunSize size)
    {
        var start = Stopwatch.GetTimestamp();
        for (var steady = 0; steady < SteadyRounds || Stopwatch.GetElapsedTime(start) < size.WarmUp;)
        {
            if (Stopwatch.GetElapsedTime(start) > WarmUpMax) return;
            var compiled = JitInfo.GetCompilationTime();
            await RunAsync(load with { Duration = WarmUpRound, CommandsEach = null });
            steady = JitInfo.GetCompilationTime() - compiled < CompilationMax ? steady + 1 : 0;
        }
    }

    /// <exception cref="InvalidDataException">It holds more or less than it confirmed.</exception>
    public async Task CheckAsync()
    {
        var held = await candidate.CountAsync();
        if (held != _confirmed)
            throw new InvalidDataException(
                $"{name} confirmed {_confirmed} events and holds {held}: its figures are not valid.");
    }

    public ValueTask DisposeAsync() => candidate.DisposeAsync();
}
