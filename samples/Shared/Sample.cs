using System.Runtime.CompilerServices;

namespace Granary.Samples;

/// <summary>What every sample needs: a folder for its data, and steps that check themselves.</summary>
internal sealed class Sample : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("granary-sample-");

    /// <summary>The file that holds the sample's events.</summary>
    public string DataPath => Path.Combine(_folder.FullName, "granary.db");

    /// <summary>Prints what is found, and ends the sample with an error where that is not what is expected.</summary>
    public static void Show<T>(
        T found, T expected, [CallerArgumentExpression(nameof(found))] string expression = "")
    {
        Console.WriteLine($"  {expression} -> {found}");
        if (!EqualityComparer<T>.Default.Equals(found, expected))
            throw new InvalidOperationException($"{expression} is {found}, but {expected} was expected.");
    }

    /// <summary>Prints a heading.</summary>
    public static void Step(string text) => Console.WriteLine(text);

    /// <summary>Removes the data.</summary>
    public void Dispose() => _folder.Delete(recursive: true);
}
