namespace Granary.Benchmarks;

internal static class MicroCommand
{
    public static void Run(string[] words) => throw new ArgumentsException(words.Length.ToString());
}
