using Orleans.Concurrency;

namespace Granary.Runtime;

/// <summary>Leads the builds of one projection to their end; its key is the projection's name.</summary>
[Alias("granary.IProjectionBuildGrain")]
internal interface IProjectionBuildGrain : IGrainWithStringKey
{
    /// <summary>Does what is due, where nothing is being done; it does not wait for it.</summary>
    [AlwaysInterleave, Alias("Advance")]
    Task Advance();
}
