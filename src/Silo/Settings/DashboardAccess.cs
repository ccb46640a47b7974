namespace Granary.Silo;

/// <summary>Who may open the dashboard of Orleans.</summary>
internal enum DashboardAccess
{
    /// <summary>Nobody: there is none.</summary>
    Off,

    /// <summary>Callers on this machine.</summary>
    Loopback,

    /// <summary>Everyone whom the API is open to.</summary>
    All,
}
