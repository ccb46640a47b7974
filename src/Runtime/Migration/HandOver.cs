using Microsoft.Extensions.Logging;
using Orleans.Core.Internal;
using Orleans.EventSourcing;
using Orleans.Metadata;
using Orleans.Runtime.Placement;

namespace Granary.Runtime;

/// <summary>
/// When the silo stops, its journaled grains migrate to the silos that remain, with their folded state: before the silo
/// leaves, so that calls find them there. Otherwise Orleans deactivates them, and the next call of each replays it.
/// </summary>
internal sealed class HandOver(
    IClusterMembershipService membership,
    ILocalSiloDetails local,
    IGrainFactory grains,
    GrainClassMap classes,
    TimeProvider time,
    ILogger<HandOver> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    // Each of them activates on another silo at once. The others are deactivated and activate when they are called.
    private const int GrainsMax = 10_000;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(HandOver), ServiceLifecycleStage.Active, static _ => Task.CompletedTask, StopAsync);

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        var others = membership.CurrentSnapshot.Members.Values
            .Where(one => one.Status == SiloStatus.Active && !one.SiloAddress.Equals(local.SiloAddress))
            .Select(static one => one.SiloAddress).ToArray();
        if (others.Length == 0) return;
        try
        {
            var handedOver = await MigrateAllAsync(others).WaitAsync(Timeout, time, cancellationToken);
            MigrationLog.HandedOver(logger, handedOver, others.Length);
        }
        catch (Exception fault)
        {
            // They are deactivated instead.
            MigrationLog.NotHandedOver(logger, fault);
        }
    }

    private async Task<int> MigrateAllAsync(SiloAddress[] others)
    {
        var active = await grains.GetGrain<IManagementGrain>(0)
            .GetDetailedGrainStatistics(types: null, hostsIds: [local.SiloAddress]);
        var journaled = active.Select(static one => one.GrainId).Where(IsJournaled).Take(GrainsMax).ToArray();
        await Task.WhenAll(journaled.Select((grain, at) => MigrateAsync(grain, others[at % others.Length])));
        return journaled.Length;
    }

    // It migrates when the calls that it has are done.
    private Task MigrateAsync(GrainId grain, SiloAddress to)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, to);
        return grains.GetGrain<IGrainManagementExtension>(grain).MigrateOnIdle().AsTask();
    }

    private bool IsJournaled(GrainId grain) =>
        classes.TryGetGrainClass(grain.Type, out var grainClass)
        && typeof(ILogConsistencyProtocolParticipant).IsAssignableFrom(grainClass);
}
