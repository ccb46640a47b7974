using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Granary.Tests.Unit.Adoption;

/// <summary>
/// A grain storage in this process that outlives the clusters which use it, written and read as all of Orleans' own
/// are: with the silo's serializer, and with ETags.
/// </summary>
internal sealed class OldStorage
{
    public const string Name = "old";

    private readonly ConcurrentDictionary<(string ClassName, GrainId Grain), (byte[] Bytes, int ETag)> _records = new();
    private int _reads;

    /// <summary>Called before each read, with its number from 1: to wait, to change a record, or to fail.</summary>
    public Func<int, Task>? OnRead { get; set; }

    /// <summary>How often a record was read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>How often records were written.</summary>
    public int Writes { get; private set; }

    public byte[] this[string key]
    {
        get => _records[RecordOf(key)].Bytes;
        set => _records[RecordOf(key)] = (value, _records.GetValueOrDefault(RecordOf(key)).ETag + 1);
    }

    /// <summary>A copy with its own counts.</summary>
    public OldStorage Copy()
    {
        var copy = new OldStorage();
        foreach (var (record, content) in _records) copy._records[record] = content;
        return copy;
    }

    /// <summary>Moves a record to another class and grain.</summary>
    public void Move(string key, string className, GrainId grain)
    {
        Assert.True(_records.TryRemove(RecordOf(key), out var content));
        _records[(className, grain)] = content;
    }

    public void AddTo(ISiloBuilder silo) => AddTo(silo.Services, Name);

    public void AddTo(IServiceCollection services, string name) => services.AddKeyedSingleton<IGrainStorage>(
        name, (provider, _) => new Access(this, provider.GetRequiredService<IGrainStorageSerializer>()));

    private static (string ClassName, GrainId Grain) RecordOf(string key) =>
        (typeof(PagesGrain).FullName!, GrainId.Create("pages", key));

    private sealed class Access(OldStorage storage, IGrainStorageSerializer serializer) : IGrainStorage
    {
        public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            var read = Interlocked.Increment(ref storage._reads);
            if (storage.OnRead is { } onRead) await onRead(read);
            if (!storage._records.TryGetValue((stateName, grainId), out var found))
            {
                (grainState.State, grainState.ETag, grainState.RecordExists) =
                    (Activator.CreateInstance<T>(), null, false);
                return;
            }

            grainState.State = serializer.Deserialize<T>(new BinaryData(found.Bytes));
            (grainState.ETag, grainState.RecordExists) = ($"{found.ETag}", true);
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            var etag = int.Parse(grainState.ETag ?? "0") + 1;
            storage._records[(stateName, grainId)] = (serializer.Serialize(grainState.State).ToArray(), etag);
            (grainState.ETag, grainState.RecordExists) = ($"{etag}", true);
            storage.Writes++;
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            storage._records.TryRemove((stateName, grainId), out _);
            (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
            return Task.CompletedTask;
        }
    }
}
