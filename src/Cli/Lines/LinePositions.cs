using System.Globalization;

namespace Granary.Cli;

/// <summary>Positions of several partitions, as a command line has them: <c>0:120,1:98</c>.</summary>
internal static class LinePositions
{
    /// <summary>
    /// Reads positions; a partition that is left out is at 0. One number alone is that of partition 0.
    /// </summary>
    /// <exception cref="CommandException">They are none, or name a partition that the store does not have.</exception>
    public static LogPosition[] Parse(string? text, int partitions)
    {
        var positions = Enumerable.Range(0, partitions).Select(static at => LogPosition.StartOf(new(at))).ToArray();
        if (string.IsNullOrEmpty(text)) return positions;
        foreach (var one in text.Split(','))
        {
            var parts = one.Split(':');
            var partition = 0;
            if (parts.Length > 2 || (parts.Length == 2 && !TryParse(parts[0], out partition))
                || !long.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var position))
                throw new CommandException(
                    "Positions are written partition:position, separated by commas, as in 0:120,1:98.",
                    ExitCodes.Usage);
            if (partition >= partitions)
                throw new CommandException($"The store has no partition {partition}.", ExitCodes.Usage);
            positions[partition] = new(new(partition), new(position));
        }

        return positions;
    }

    /// <summary>Writes positions, so that they can be read again.</summary>
    public static string Text(IEnumerable<LogPosition> positions) => string.Join(',', positions);

    private static bool TryParse(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
