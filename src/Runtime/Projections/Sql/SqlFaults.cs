using System.Data.Common;

namespace Granary.Runtime;

/// <summary>Which errors of what others write in a transaction may pass.</summary>
internal static class SqlFaults
{
    /// <summary>
    /// Whether the database says that the same may succeed when it is tried again, as after a deadlock. What is between
    /// it and the caller, as EF Core, wraps its errors.
    /// </summary>
    public static bool MayPass(Exception fault)
    {
        for (var at = fault; at is not null; at = at.InnerException)
        {
            if (at is DbException { IsTransient: true }) return true;
        }

        return false;
    }
}
