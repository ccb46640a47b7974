using Orleans.EventSourcing;

namespace Granary.Samples.History;

/// <summary>A thermostat.</summary>
[Alias("samples.IThermostatGrain")]
public interface IThermostatGrain : IGrainWithStringKey
{
    /// <summary>Sets the temperature, in degrees Celsius.</summary>
    [Alias("Set")] Task Set(int degrees);
}

/// <summary>The temperature was set.</summary>
[GenerateSerializer, Alias("temperature-set")]
public sealed record TemperatureSet([property: Id(0)] int Degrees);

/// <summary>The thermostat's state; JSON shows its public properties to readers of the history.</summary>
[GenerateSerializer, Alias("samples.ThermostatState")]
public sealed class ThermostatState
{
    /// <summary>The temperature, in degrees Celsius.</summary>
    [Id(0)] public int Degrees { get; set; }

    /// <summary>Folds a setting.</summary>
    public void Apply(TemperatureSet set) => Degrees = set.Degrees;
}

/// <summary>The grain offers no history itself: every grain on Granary has one.</summary>
[GrainType("thermostat")]
public sealed class ThermostatGrain : JournaledGrain<ThermostatState, TemperatureSet>, IThermostatGrain
{
    /// <inheritdoc />
    public async Task Set(int degrees)
    {
        RaiseEvent(new TemperatureSet(degrees));
        await ConfirmEvents();
    }
}
