using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Orleans.Storage;

namespace Granary.Tests.Conformance.GrainStorage;

/// <summary>
/// A grain storage in memory, with ETags, whose records are JSON. A test runs code of its own before a write.
/// </summary>
internal sealed class ScriptedStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<GrainId, (string ETag, byte[] Json)> _records = new();
    private int _etags;

    /// <summary>Runs before the next write, which has read already; used once.</summary>
    public Func<Task>? BeforeWrite { get; set; }

    /// <summary>Whether it cannot be reached.</summary>
    public bool Fails { get; set; }

    /// <summary>All that it holds, as text.</summary>
    public string Content => string.Join('\n', _records.Values.Select(static one => JsonDocument.Parse(one.Json)
        .RootElement.GetRawText()));

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ThrowIfFailing();
        if (!_records.TryGetValue(grainId, out var found)) return Task.CompletedTask;
        (grainState.ETag, grainState.RecordExists) = (found.ETag, true);
        grainState.State = JsonSerializer.Deserialize<T>(found.Json)!;
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (before, json) = (BeforeWrite, JsonSerializer.SerializeToUtf8Bytes(grainState.State));
        BeforeWrite = null;
        if (before is not null) await before();
        ThrowIfFailing();
        var written = (Interlocked.Increment(ref _etags).ToString(CultureInfo.InvariantCulture), json);
        var isNew = grainState.ETag is null;
        var isWritten = isNew
            ? _records.TryAdd(grainId, written)
            : _records.TryGetValue(grainId, out var found) && found.ETag == grainState.ETag
                && _records.TryUpdate(grainId, written, found);
        if (!isWritten) throw new InconsistentStateException("Changed.");
        (grainState.ETag, grainState.RecordExists) = (written.Item1, true);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        throw new NotSupportedException("A record is never removed.");

    private void ThrowIfFailing()
    {
        if (Fails) throw new IOException("Injected: the storage cannot be reached.");
    }
}
