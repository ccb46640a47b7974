namespace Granary.Tests.Integration;

/// <summary>
/// A client of a moving application: it adds note after note, and where it gets an error, it waits for a silo and adds
/// the note anew. The text names each try, so that the log shows which of them landed.
/// </summary>
internal sealed class MovingCaller(int number, IClusterClient client)
{
    private const int TriesMax = 1_000;

    private readonly List<string> _acknowledged = [];
    private readonly List<string> _unknown = [];

    /// <summary>The grain that it calls.</summary>
    public long Grain => number % 4;

    /// <summary>What it got an answer for, in order.</summary>
    public IReadOnlyList<string> Acknowledged => _acknowledged;

    /// <summary>What it got an error for: it is not known whether it landed.</summary>
    public IReadOnlyList<string> Unknown => _unknown;

    /// <summary>Adds so many notes.</summary>
    /// <param name="count">How many.</param>
    /// <param name="silo">Completes when a silo is there again.</param>
    /// <param name="onAcknowledged">Called after each note.</param>
    public async Task RunAsync(int count, Func<Task> silo, Action onAcknowledged)
    {
        for (var (added, tries) = (0, 0); added < count; tries++)
        {
            Assert.True(tries < TriesMax, $"Caller {number} gets no answer.");
            var text = $"{number}:{_acknowledged.Count}:{_unknown.Count}";
            try
            {
                await client.GetGrain<INotesGrain>(Grain).Add(text);
            }
            catch (Exception)
            {
                _unknown.Add(text);
                await silo();
                continue;
            }

            _acknowledged.Add(text);
            added++;
            onAcknowledged();
        }
    }
}
