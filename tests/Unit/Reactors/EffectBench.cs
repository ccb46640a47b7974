using System.Text;
using Granary.Runtime;
using Granary.Tests.Unit.Following;
using Microsoft.Extensions.Logging;

namespace Granary.Tests.Unit.Reactors;

/// <summary>Handlers of effects over models in memory, and events for them.</summary>
internal sealed class EffectBench
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private long _position;

    public EffectBench()
    {
        Ledger = new EffectLedger(Models, Time);
        Services = new EffectServices(Ledger, Time, static () => 0, Log);
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public LossyModels Models { get; } = new(new MemoryModelStore());

    public RushingTime Time { get; } = new();

    public TextLog Log { get; } = new();

    public EffectLedger Ledger { get; }

    public EffectServices Services { get; }

    public async Task StartAsync()
    {
        await Models.CreateTableAsync(EffectTables.Effects, Token);
        await Models.CreateTableAsync(ReaderTables.Parked, Token);
    }

    public RecordedEvent Record(string key, string payload = "{}", string type = "order-placed") => new()
    {
        Stream = new StreamName("orders", key),
        Version = new StreamVersion(1),
        Position = new LogPosition(default, new GlobalPosition(++_position)),
        Id = Uuid7.New(Time),
        AppendId = new AppendId(Uuid7.New(Time)),
        Type = type,
        SchemaVersion = 1,
        Timestamp = Time.GetUtcNow(),
        ContentType = "application/json",
        Payload = Encoding.UTF8.GetBytes(payload),
        Metadata = EventMetadata.Empty,
    };

    public EffectHandler Handler(Func<EffectContext, CancellationToken, Task> effect, ReactorOptions? options = null) =>
        new(new EffectReader("mails", new OneEffect(effect), options ?? new ReactorOptions()), Services);

    public static async Task HandleAsync(ILogHandler handler, params IReadOnlyList<RecordedEvent> events) =>
        Assert.Same(
            HandledEvents.Nothing,
            await handler.HandleAsync(new LogBatch(default, events), Token).AsTask().WaitAsync(Patience, Token));

    public static async Task<EventFailedException> FailAsync(
        ILogHandler handler, params IReadOnlyList<RecordedEvent> events) =>
        await Assert.ThrowsAsync<EventFailedException>(
            () => handler.HandleAsync(new LogBatch(default, events), Token).AsTask().WaitAsync(Patience, Token));

    private sealed class OneEffect(Func<EffectContext, CancellationToken, Task> effect) : IEffects
    {
        public IReadOnlyList<Effect> Of(RecordedEvent @event) => [new Effect(effect)];
    }
}

/// <summary>Keeps everything that is logged, exceptions included.</summary>
internal sealed class TextLog : ILogger
{
    private readonly StringBuilder _text = new();

    public override string ToString()
    {
        lock (_text) return _text.ToString();
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        lock (_text) _text.AppendLine(formatter(state, exception)).AppendLine(exception?.ToString());
    }
}
