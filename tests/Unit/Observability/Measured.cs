using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Granary.Tests.Unit.Observability;

/// <summary>Everything that one meter factory's Granary meter measures.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measurement> _all = new();

    public Measured(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != GranaryNames.Meter || instrument.Meter.Scope != meters) return;
            Instruments.Add(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>What it measures with.</summary>
    public ConcurrentBag<Instrument> Instruments { get; } = [];

    /// <summary>What was measured, as <c>value unit</c>, with the partition where it has one.</summary>
    public string[] Of(string name) =>
        [.. _all.Where(one => one.Name == name).Select(static one => one.ToString())];

    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var partition = "";
        foreach (var (name, tag) in tags) partition += $" {name}={tag}";
        _all.Enqueue(new Measurement(instrument.Name, value, instrument.Unit, partition));
    }

    private sealed record Measurement(string Name, double Value, string? Unit, string Tags)
    {
        public override string ToString() =>
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Value} {Unit}{Tags}");
    }
}
