namespace Granary.Silo;

/// <summary>
/// Where the silos of a cluster find each other, and where reminders and the state of grains that is no event are kept.
/// </summary>
internal enum ClusterKind
{
    /// <summary>One silo; reminders and state are kept in memory.</summary>
    Localhost,

    /// <summary>Redis.</summary>
    Redis,

    /// <summary>PostgreSQL, in a schema of its own.</summary>
    Postgres,

    /// <summary>The tables of Azure Storage.</summary>
    Azure,
}
