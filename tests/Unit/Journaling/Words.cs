using System.Globalization;
using System.Text;
using Granary.Runtime;

namespace Granary.Tests.Unit.Journaling;

/// <summary>
/// The state of a test's grain: the words that were raised. A word like <c>!3</c> applies only to fewer than three
/// words.
/// </summary>
public sealed class Words
{
    public List<string> All { get; } = [];


    public void Apply(string word)
    {
        if (word[0] == '!' && All.Count >= int.Parse(word.AsSpan(1), CultureInfo.InvariantCulture))
            throw new InvalidOperationException($"{word} does not apply to {All.Count} words.");
        All.Add(word);
    }
}

/// <summary>A word is its own payload.</summary>
internal sealed class WordCodec : IEventCodec<string>
{
    public static NewEvent EventOf(string word) =>
        new(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), "word", Encoding.UTF8.GetBytes(word));

    public static string WordOf(ReadOnlyMemory<byte> payload) => Encoding.UTF8.GetString(payload.Span);

    public NewEvent Encode(string @event, EventMetadata metadata) =>
        new(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), "word", Encoding.UTF8.GetBytes(@event))
        {
            Metadata = metadata,
        };

    public void Decode(RecordedEvent recorded, ICollection<string> into)
    {
        if (recorded.Type == "word") into.Add(WordOf(recorded.Payload));
    }

    public bool IsShareable(string @event) => true;
}

/// <summary>Copies the words; takes no snapshots.</summary>
internal sealed class WordsCodec : IStateCodec<Words>
{
    public bool IsSupported => false;

    public EncodedState? TryEncode(Words state) => null;

    public Words? TryDecode(string fingerprint, ReadOnlyMemory<byte> payload) => null;

    public Words? DecodeAnyShape(ReadOnlyMemory<byte> payload) => null;

    public Words Copy(Words state)
    {
        var copy = new Words();
        copy.All.AddRange(state.All);
        return copy;
    }
}
