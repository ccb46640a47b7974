namespace Consumer;

internal static class Expect
{
    /// <summary>Prints what was found, and fails where it is not what is expected.</summary>
    public static void Equal<T>(string subject, T expected, T found)
    {
        Console.WriteLine($"{subject}: {found}");
        if (!EqualityComparer<T>.Default.Equals(expected, found))
            throw new InvalidOperationException($"{subject} is '{found}', but '{expected}' was expected.");
    }
}
