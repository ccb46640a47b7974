using System.Text.Json;

namespace Granary.Runtime;

/// <summary>
/// The last commands of a stream and their answers. Derived from the events' metadata, and kept beside the state in
/// snapshots; the oldest are removed first.
/// </summary>
internal sealed class CommandMemory
{
    /// <summary>How many commands are kept.</summary>
    public const int KeptMax = 1_000;

    /// <summary>
    /// The greatest size of an answer, in characters of JSON; it shares an event's metadata with the rest.
    /// </summary>
    public const int AnswerLengthMax = 8 * 1024;

    private const string IdName = MetadataNames.ReservedPrefix + "command";
    private const string FingerprintName = MetadataNames.ReservedPrefix + "fingerprint";
    private const string AnswerName = MetadataNames.ReservedPrefix + "answer";

    private Dictionary<string, RememberedCommand> _byId = new(StringComparer.Ordinal);
    private Queue<string> _order = new();

    /// <summary>The metadata that stores with an event the command that raised it.</summary>
    public static EventMetadata Describe(Command command, string answer)
    {
        LimitExceededException.ThrowIfOver(
            AnswerLengthMax, answer.Length, "answer of a command",
                "Answer with less and let the caller read the rest.");
        return EventMetadata.Of(
        [
            new(IdName, command.Id!), new(FingerprintName, command.Fingerprint), new(AnswerName, answer),
        ]);
    }

    /// <summary>Whether there may be commands of the stream that are not kept.</summary>
    public bool MayHaveForgotten => _order.Count >= KeptMax;

    public RememberedCommand? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Adds the command that the metadata of a confirmed event names.</summary>
    public void AddFrom(EventMetadata metadata)
    {
        if (Read(metadata) is { } command) Add(command);
    }

    /// <summary>The command that the metadata of an event names; null where it names none.</summary>
    public static RememberedCommand? Read(EventMetadata metadata) => metadata.Find(IdName) is { } id
        ? new(id, metadata.Find(FingerprintName) ?? "", metadata.Find(AnswerName) ?? "null")
        : null;

    public void Clear()
    {
        _byId.Clear();
        _order.Clear();
    }

    public byte[] Encode() => _order.Count == 0
        ? []
        : JsonSerializer.SerializeToUtf8Bytes(_order.Select(id => _byId[id]).ToArray());

    /// <summary>Takes the commands of another, which is not used any more.</summary>
    public void ReplaceWith(CommandMemory other) => (_byId, _order) = (other._byId, other._order);

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static IReadOnlyList<RememberedCommand> Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty) return [];
        var commands = JsonSerializer.Deserialize<RememberedCommand[]>(encoded);
        return commands is not null && Array.TrueForAll(
            commands, static one => one is { Id: not null, Fingerprint: not null, Answer: not null })
            ? commands
            : throw new JsonException("The commands of a snapshot are incomplete.");
    }

    /// <summary>Replaces the commands kept.</summary>
    public void Restore(IReadOnlyList<RememberedCommand> commands)
    {
        Clear();
        foreach (var command in commands) Add(command);
    }

    private void Add(RememberedCommand command)
    {
        if (!_byId.TryAdd(command.Id, command)) return;
        _order.Enqueue(command.Id);
        if (_order.Count > KeptMax) _byId.Remove(_order.Dequeue());
    }
}

/// <summary>A command that was done.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Fingerprint">The hash of its content.</param>
/// <param name="Answer">Its answer as JSON.</param>
internal sealed record RememberedCommand(string Id, string Fingerprint, string Answer);
