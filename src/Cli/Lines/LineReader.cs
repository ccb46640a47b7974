using System.Buffers;
using System.IO.Pipelines;

namespace Granary.Cli;

/// <summary>Reads events line by line, with the numbers of the lines.</summary>
internal static class LineReader
{
    /// <summary>Reads lines until the input ends. Empty ones are left out.</summary>
    /// <param name="input">The input; it is left open.</param>
    /// <param name="isCut">Is called where the last line has no end, with where it begins; null to fail then.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="CommandException">A line is no event; the message has its number.</exception>
    public static async IAsyncEnumerable<EventInFile> ReadAsync(
        Stream input, Action<long>? isCut,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(input, new(bufferSize: 64 * 1024, leaveOpen: true));
        var (number, offset) = (0L, 0L);
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                number++;
                var line = rest.Slice(0, end);
                if (!IsEmpty(line)) yield return new(number, offset, Parse(line, number));
                rest = rest.Slice(rest.GetPosition(1, end));
                offset += line.Length + 1;
            }

            if (read.IsCompleted)
            {
                if (IsEmpty(rest)) yield break;
                if (isCut is not null)
                {
                    isCut(offset);
                    yield break;
                }

                yield return new(number + 1, offset, Parse(rest, number + 1));
                yield break;
            }

            if (rest.Length > EventLine.LengthMax) throw Wrong(number + 1, "It is too long to be an event.");
            reader.AdvanceTo(rest.Start, rest.End);
        }
    }

    /// <summary>A line that cannot be used.</summary>
    public static CommandException Wrong(long line, string what) => new($"Line {line}: {what}", ExitCodes.Found);

    private static bool IsEmpty(ReadOnlySequence<byte> line) =>
        line.IsEmpty || (line.Length == 1 && line.FirstSpan[0] == '\r');

    private static RecordedEvent Parse(ReadOnlySequence<byte> line, long number)
    {
        try
        {
            // A copy: the reader uses its memory again.
            return EventLine.Read(line.ToArray());
        }
        catch (FormatException fault)
        {
            throw Wrong(number, fault.Message);
        }
    }
}

/// <summary>An event that was read.</summary>
/// <param name="Line">The number of its line, from 1.</param>
/// <param name="Offset">Where the line begins, in bytes from where the reading began.</param>
/// <param name="Event">The event.</param>
internal readonly record struct EventInFile(long Line, long Offset, RecordedEvent Event);
