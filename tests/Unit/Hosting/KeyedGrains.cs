using Orleans.EventSourcing;

namespace Granary.Tests.Unit.Hosting;

[GenerateSerializer, Alias("unit.key-noted")]
internal sealed record KeyNoted([property: Id(0)] string Key);

[GenerateSerializer, Alias("unit.KeyedState")]
internal sealed class KeyedState
{
    [Id(0)] public string Key { get; set; } = "";

    public void Apply(KeyNoted noted) => Key = noted.Key;
}

/// <summary>Notes its key, as Orleans returns it, in its stream.</summary>
public interface IKeyedGrain : IGrain
{
    [Alias("Note")] Task Note(string key);
}

[Alias("unit.IByIntegerGrain")]
public interface IByIntegerGrain : IKeyedGrain, IGrainWithIntegerKey;

[Alias("unit.IByIntegerAndTextGrain")]
public interface IByIntegerAndTextGrain : IKeyedGrain, IGrainWithIntegerCompoundKey;

[Alias("unit.IByGuidGrain")]
public interface IByGuidGrain : IKeyedGrain, IGrainWithGuidKey;

[Alias("unit.IByGuidAndTextGrain")]
public interface IByGuidAndTextGrain : IKeyedGrain, IGrainWithGuidCompoundKey;

[Alias("unit.IByTextGrain")]
public interface IByTextGrain : IKeyedGrain, IGrainWithStringKey;

internal abstract class KeyedGrain : JournaledGrain<KeyedState, KeyNoted>
{
    public async Task Note(string key)
    {
        RaiseEvent(new KeyNoted(key));
        await ConfirmEvents();
    }
}

[GrainType("by-integer")]
internal sealed class ByIntegerGrain : KeyedGrain, IByIntegerGrain;

[GrainType("by-integer-and-text")]
internal sealed class ByIntegerAndTextGrain : KeyedGrain, IByIntegerAndTextGrain;

[GrainType("by-guid")]
internal sealed class ByGuidGrain : KeyedGrain, IByGuidGrain;

[GrainType("by-guid-and-text")]
internal sealed class ByGuidAndTextGrain : KeyedGrain, IByGuidAndTextGrain;

[GrainType("by-text")]
internal sealed class ByTextGrain : KeyedGrain, IByTextGrain;
