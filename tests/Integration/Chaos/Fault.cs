namespace Granary.Tests.Integration;

/// <summary>A kind of fault, and how it is caused.</summary>
/// <param name="Name">What the result calls it.</param>
/// <param name="RunAsync">
/// Causes it, and completes when its cause is gone. The silo or gateway that it meets, where it meets one, is the one
/// of that number.
/// </param>
internal sealed record Fault(string Name, Func<FaultContext, int, Task> RunAsync)
{
    // Membership takes two missed probes of a second, and the votes of two silos.
    private static readonly TimeSpan LongerThanMembership = TimeSpan.FromSeconds(8);

    // A commit fails after ten seconds.
    private static readonly TimeSpan LongerThanCommit = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReturnTimeout = TimeSpan.FromSeconds(30);

    /// <summary>All that are possible here.</summary>
    public static IReadOnlyList<Fault> All(ChaosCluster cluster)
    {
        Fault[] everywhere =
        [
            new("silo killed", static (at, number) => Silo(at, number).KillAsync()),
            new("gateway killed", static (at, number) =>
                at.Cluster.GatewayNodes[number % at.Cluster.GatewayNodes.Count].KillAsync()),
            new("other cluster killed", static (at, _) => at.Cluster.Other.KillAsync()),
            new("silo suspended", SuspendAsync),
            new("silo cut off from PostgreSQL", static (at, number) =>
                CutAsync(at.Cluster.Stores[number], at.HoldAsync(LongerThanCommit))),
            new("silo cut off from Redis", static (at, number) =>
                CutAsync(at.Cluster.Members[number], at.HoldAsync(LongerThanMembership))),
            new("PostgreSQL crashed", static (at, _) => Task.Run(at.Cluster.Postgres.Crash)),
            new("Redis killed", static (at, _) => at.Cluster.Redis.CrashAsync()),
            new("slow disk", SlowAsync),
        ];
        return cluster.Network.IsReal
            ? [.. everywhere, new("silo cut off from the silos", CutSilosAsync)]
            : everywhere;
    }

    private static Node Silo(FaultContext at, int number) => at.Cluster.SiloNodes[number];

    // The others take over while it is suspended; then it finds out that it was declared dead, and ends.
    private static async Task SuspendAsync(FaultContext at, int number)
    {
        var silo = Silo(at, number);
        var starts = silo.Starts;
        silo.Suspend();
        try
        {
            await at.Watch.WaitServedAsync(at.Watch.Now, ReturnTimeout, at.Stop);
            await at.HoldAsync(LongerThanMembership);
        }
        finally
        {
            silo.Resume();
        }

        await at.WaitRestartedAsync(silo, starts);
    }

    private static async Task CutSilosAsync(FaultContext at, int number)
    {
        var silo = Silo(at, number);
        var starts = silo.Starts;
        await at.Cluster.Network.CutAsync(number);
        try
        {
            await at.WaitRestartedAsync(silo, starts);
            await at.Watch.WaitServedAsync(at.Watch.Now, ReturnTimeout, at.Stop);
        }
        finally
        {
            await at.Cluster.Network.HealAsync(number);
        }
    }

    private static async Task CutAsync(TcpProxy proxy, Task end)
    {
        proxy.Cut();
        try
        {
            await end;
        }
        finally
        {
            proxy.Heal();
        }
    }

    // Each answer of PostgreSQL and each request to it comes late, as where its disk is slow to sync.
    private static async Task SlowAsync(FaultContext at, int number)
    {
        const int DelayMs = 100;
        TcpProxy[] all = [.. at.Cluster.Stores, at.Cluster.OtherStore];
        foreach (var one in all) one.DelayMs = DelayMs;
        try
        {
            await at.HoldAsync(Short);
            await at.Watch.WaitServedAsync(at.Watch.Now, ReturnTimeout, at.Stop);
        }
        finally
        {
            foreach (var one in all) one.DelayMs = 0;
        }
    }
}

/// <summary>What a fault is caused in.</summary>
internal sealed record FaultContext(ChaosCluster Cluster, ServiceWatch Watch, CancellationToken Stop)
{
    private static readonly TimeSpan RestartTimeout = TimeSpan.FromSeconds(30);

    /// <summary>For as long as a fault lasts.</summary>
    public Task HoldAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, Stop);

    /// <summary>Completes when a process was started again.</summary>
    public async Task WaitRestartedAsync(Node node, int starts)
    {
        var since = Watch.Now;
        while (node.Starts == starts)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < RestartTimeout,
                $"{node.Name} was not declared dead, or has not ended:\n{node.LastOutput}");
            await HoldAsync(TimeSpan.FromMilliseconds(50));
        }
    }
}
