namespace Granary.Benchmarks;

/// <summary>One way to keep events, under load.</summary>
internal interface IContestant : IAsyncDisposable
{
    /// <summary>Makes it ready, with its data in an empty folder.</summary>
    Task StartAsync(string folder);

    /// <summary>Runs a load; when it returns, everything that was sent is confirmed.</summary>
    Task<Outcome> RunAsync(Load load);

    /// <summary>How many events it holds, as read back from where it keeps them.</summary>
    Task<long> CountAsync();
}
