namespace Granary.Silo;

/// <summary>What a process does.</summary>
internal enum Role
{
    /// <summary>It is a silo and serves the API.</summary>
    Both,

    /// <summary>It is a silo; over HTTP it serves health and metrics alone.</summary>
    Silo,

    /// <summary>It serves the API as a client of the cluster, and has neither grains nor a store.</summary>
    Gateway,
}
