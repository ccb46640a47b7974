using Orleans.Runtime.Services;

namespace Granary.Runtime;

/// <summary>
/// The active silos own the partitions in turns, in the order of their addresses. While two silos see different
/// members, two may be the owner of one partition: that costs time and nothing else.
/// </summary>
internal sealed class PartitionOwners(
    IClusterMembershipService membership, ILocalSiloDetails local, CommitServiceClient services) : IPartitionOwners
{
    private Members _members = new(MembershipVersion.MinValue, []);

    /// <inheritdoc />
    public SiloAddress? FindOther(LogPartition partition)
    {
        var silos = ActiveSilos();

        // A silo that joins or stops commits directly: the others may not answer it.
        if (!silos.Contains(local.SiloAddress)) return null;
        var owner = silos[partition.Value % silos.Length];
        return owner.Equals(local.SiloAddress) ? null : owner;
    }

    /// <inheritdoc />
    public Task<RoutedAnswer> SendAsync(SiloAddress owner, RoutedBatch batch) =>
        services.At(owner).CommitAsync(batch);

    private SiloAddress[] ActiveSilos()
    {
        var snapshot = membership.CurrentSnapshot;
        var members = Volatile.Read(ref _members);
        if (members.Version == snapshot.Version) return members.Active;
        members = new Members(snapshot.Version,
        [
            .. snapshot.Members.Values.Where(static one => one.Status == SiloStatus.Active)
                .Select(static one => one.SiloAddress).Order(),
        ]);
        Volatile.Write(ref _members, members);
        return members.Active;
    }

    private sealed record Members(MembershipVersion Version, SiloAddress[] Active);
}

/// <summary>Reaches the service of each silo.</summary>
internal sealed class CommitServiceClient(IServiceProvider services) : GrainServiceClient<ICommitService>(services)
{
    public ICommitService At(SiloAddress silo) => GetGrainService(silo);
}
