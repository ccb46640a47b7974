using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Granary.Silo;

/// <summary>
/// Stops the start of a silo that has the address 127.0.0.1 for silos of other machines, or that finds such a silo of
/// another machine. Neither reaches the other there, so they would declare each other dead again and again.
/// </summary>
internal sealed class ReachableMembers(
    IMembershipTable table, ILocalSiloDetails self, IOptions<ClusterMembershipOptions> options, TimeProvider time)
    : ILifecycleParticipant<ISiloLifecycle>
{
    // The list can be read, and this silo is not in it yet.
    private const int Stage = ServiceLifecycleStage.RuntimeGrainServices + 1;

    private const string Named = $"{Setting.Section}:{nameof(GranarySiloOptions.AdvertisedAddress)}";

    /// <inheritdoc />
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ReachableMembers), Stage, CheckAsync);

    /// <summary>Why a silo cannot be in a cluster with these members; null where it can.</summary>
    /// <param name="own">Its address.</param>
    /// <param name="host">The name of its machine.</param>
    /// <param name="members">What the list has of the cluster's silos.</param>
    /// <param name="aliveSince">Who has not been heard of since then does not count.</param>
    public static string? Fault(
        SiloAddress own, string host, IEnumerable<MembershipEntry> members, DateTime aliveSince)
    {
        foreach (var member in members)
        {
            // One that is at this address is an earlier run of this silo, under whatever name.
            if (member.Status is not (SiloStatus.Joining or SiloStatus.Active) || member.IAmAliveTime < aliveSince
                || member.HostName == host || member.SiloAddress.Endpoint.Equals(own.Endpoint)) continue;
            if (IPAddress.IsLoopback(own.Endpoint.Address))
                return $"{Named}: it is {own.Endpoint.Address}, which only silos of this machine can reach, and the "
                    + $"cluster has a silo of machine {member.HostName}. Set the address that it reaches this one by.";
            if (IPAddress.IsLoopback(member.SiloAddress.Endpoint.Address))
                return $"{Named}: the cluster has a silo of machine {member.HostName} whose address is "
                    + $"{member.SiloAddress.Endpoint.Address}: it cannot be reached from here. Set it there to the "
                    + "address that this one reaches it by.";
        }

        return null;
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var list = await table.ReadAllAsync(cancellationToken);
        var silence = options.Value.IAmAliveTablePublishTimeout * options.Value.NumMissedTableIAmAliveLimit;
        var fault = Fault(
            self.SiloAddress, self.DnsHostName, list.Members.Select(static one => one.Item1),
            time.GetUtcNow().UtcDateTime - silence);
        if (fault is not null) throw new IOException(fault);
    }
}
