using Granary.Silo;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Granary.Tests.Integration;

/// <summary>
/// The shipped silo as a process of its own that also has <see cref="ProbeGrain"/>, which is called over HTTP through
/// the silo that is requested: <c>probe-silo</c> and the arguments of the silo.
/// </summary>
internal static class ProbeSilo
{
    public const string Mode = "probe-silo";

    /// <summary>How it is run.</summary>
    public static string[] Command =>
        ["dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "Granary.Tests.Integration.dll"), Mode];

    public static async Task<int> RunAsync(IEnumerable<string> arguments)
    {
        await using var app = GranarySilo.Build(arguments);
        app.MapGet("/probe/{key}/place", (string key, IGrainFactory grains) => Probe(grains, key).ReadPlace());
        app.MapGet("/probe/{key}/state", (string key, IGrainFactory grains) => Probe(grains, key).ReadState());
        app.MapPost("/probe/{key}/state/{value:int}", (string key, int value, IGrainFactory grains) =>
            Probe(grains, key).WriteState(value));
        app.MapPost("/probe/{key}/reminder", (string key, IGrainFactory grains) => Probe(grains, key).Remind());
        app.MapGet("/probe/{key}/reminder", (string key, IGrainFactory grains) => Probe(grains, key).HasReminder());
        app.MapGet("/members/{count:int}", AwaitMembersAsync);
        await app.StartAsync();
        Banner.Print(app.Services.GetRequiredService<GranarySiloOptions>());
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static IProbeGrain Probe(IGrainFactory grains, string key) => grains.GetGrain<IProbeGrain>(key);

    // Answers when so many silos are active, as this one knows it.
    private static async Task AwaitMembersAsync(
        int count, IClusterMembershipService membership, CancellationToken cancellationToken)
    {
        await foreach (var members in membership.MembershipUpdates.WithCancellation(cancellationToken))
        {
            if (members.Members.Values.Count(static one => one.Status == SiloStatus.Active) == count) return;
        }
    }
}
