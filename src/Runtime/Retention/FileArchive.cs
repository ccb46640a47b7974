using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Granary.Runtime;

/// <summary>
/// Writes a file for each part of a stream that is removed: <c>category/key/first-last-position.ndjson</c>, one line
/// of JSON an event, as <c>granary export</c> writes it. The position is that of the first event that stays: a stream
/// that was cleared has the same versions again.
/// </summary>
internal sealed class FileArchive(TimeProvider time) : IEventArchive
{
    // File systems take 255 bytes of a name.
    private const int NameLengthMax = 200;
    private const int BufferBytes = 256 * 1024;

    /// <inheritdoc />
    public async Task WriteAsync(
        string path, StreamVersion first, RecordedEvent stays, IAsyncEnumerable<RecordedEvent> events,
        CancellationToken cancellationToken)
    {
        var stream = stays.Stream;
        var folder = Path.Combine(path, NameOf(stream.Category), NameOf(stream.Key));
        Directory.CreateDirectory(folder);
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{first.Value:D12}-{stays.Version.Value - 1:D12}-{stays.Position.Position.Value}.ndjson");
        var file = Path.Combine(folder, name);
        var part = $"{file}.{Uuid7.New(time):N}.part";
        try
        {
            await WriteAsync(part, events, cancellationToken);
            File.Move(part, file, overwrite: true);
            foreach (var synced in new[] { folder, Path.GetDirectoryName(folder)!, path })
                SyncedFolder.Flush(synced);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    private static async Task WriteAsync(
        string path, IAsyncEnumerable<RecordedEvent> events, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var lines = new ArrayBufferWriter<byte>(BufferBytes);
        await foreach (var recorded in events.WithCancellation(cancellationToken))
        {
            EventLine.Write(recorded, lines);
            if (lines.WrittenCount < BufferBytes) continue;
            await file.WriteAsync(lines.WrittenMemory, cancellationToken);
            lines.ResetWrittenCount();
        }

        await file.WriteAsync(lines.WrittenMemory, cancellationToken);
        file.Flush(flushToDisk: true);
    }

    /// <summary>
    /// A part of a stream's name as the name of a folder: a to z, digits, - and _ as they are, other bytes of its UTF-8
    /// as in <c>%2F</c>, as there are file systems for which A is a. A long one is cut, and ends with its hash.
    /// </summary>
    internal static string NameOf(string part)
    {
        var name = new StringBuilder();
        foreach (var one in Encoding.UTF8.GetBytes(part))
        {
            var isKept = one is (byte)'-' or (byte)'_'
                || char.IsAsciiLetterLower((char)one) || char.IsAsciiDigit((char)one);
            if (isKept) name.Append((char)one);
            else name.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
        }

        if (name.Length <= NameLengthMax) return name.ToString();
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(part)));
        return $"{name.ToString(0, NameLengthMax - hash.Length - 1)}~{hash}";
    }
}
