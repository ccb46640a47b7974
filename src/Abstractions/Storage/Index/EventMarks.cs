namespace Granary;

/// <summary>Which events of a stream have a mark: the index knows where they are.</summary>
internal static class EventMarks
{
    /// <summary>Version 1 has a mark, and each version so many after one that has.</summary>
    public const int Spacing = 64;

    public static bool IsMarked(long version) => version % Spacing == 1;

    /// <summary>The last marked version that is not after a version.</summary>
    public static long AtMost(long version) => (version - 1) / Spacing * Spacing + 1;

    /// <summary>The first marked version that is not before a version.</summary>
    public static long AtLeast(long version) => AtMost(version + Spacing - 1);
}
