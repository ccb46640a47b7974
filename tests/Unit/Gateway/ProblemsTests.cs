using Granary.Client;
using Granary.Gateway;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Tests.Unit.Gateway;

/// <summary>Every typed error has a status that was chosen for it, and words on what to do.</summary>
public sealed class ProblemsTests
{
    private static readonly StreamName Stream = new("orders", "1");

    private static readonly RecordedEvent Recorded = new()
    {
        Stream = Stream,
        Version = new(1),
        Position = new(default, new(1)),
        Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch),
        AppendId = AppendId.New(TimeProvider.System),
        Type = "placed",
        SchemaVersion = 1,
        Timestamp = DateTimeOffset.UnixEpoch,
        ContentType = ContentTypes.Json,
        Payload = default,
        Metadata = EventMetadata.Empty,
    };

    private static readonly Dictionary<Type, (Exception Fault, int Status)> Known = new (Exception Fault, int Status)[]
    {
        (new AdoptionFailedException(Stream, "orders", "no."), 500),
        (new CategoryOwnedException("account"), 409),
        (new InvalidStreamKeyException("by-number", "2A", GrainKeyKind.Integer), 404),
        (new CommandIdReusedException(Stream, "k1"), 422),
        (new EventNotApplicableException(Stream, "placed", new FormatException("no")), 422),
        (new EventNotEncodableException("placed", "no."), 422),
        (new EventsNotConfirmedException(Stream, new(1), 1, "no."), 503),
        (new LimitExceededException("event", 2, 1, "Send less."), 413),
        (new ReaderUnknownException("balances"), 404),
        (new ProjectionUnknownException("balances"), 404),
        (new ModelQueryException("colour", "There is no such column. Name another one."), 400),
        (new ModelsBehindException("balances", LogPositions.Parse("0:9"), LogPositions.Parse("0:7")), 503),
        (new ProjectionIsLiveException("balances"), 400),
        (new SqlModelsRequiredException("orders", null), 500),
        (new SubscriptionUnknownException("mailer"), 404),
        (new SubscriptionExistsException("mailer", "Choose another name."), 409),
        (new SubscriptionUnavailableException("mailer", default, "It moves."), 503),
        (new LogReplacedException("balances_v1", new(new(3), new(7)), "partition 3 ends at 5."), 409),
        (new NotOnGranaryException("grain"), 404),
        (new ReplayFailedException(Recorded, "no."), 500),
        (new StaleEpochException(default, 1, 2), 503),
        (new StreamTruncatedException(Stream, new(1), new(3)), 410),
        (new StreamNotTruncatedException(Stream, "because."), 409),
        (new StateNotReadableException(Stream, new(3)), 500),
        (new StateNotShownException("State", "no."), 500),
        (new StateNotSupportedException(typeof(object), "Member", "no."), 500),
        (new StoreCorruptException("Restore it."), 500),
        (new StoreReadOnlyException("Make it writable."), 503),
        (new StoreSchemaException("Upgrade."), 500),
        (new StoreUnavailableException("Wait."), 503),
        (new WrongExpectedVersionException(Stream, ExpectedVersion.NoStream, new(1)), 503),
    }.ToDictionary(static one => one.Fault.GetType());

    public static TheoryData<Type> Errors => new(
        new[] { typeof(GranaryException), typeof(IGranaryClient), typeof(AppenderOptions), typeof(Problems) }
            .SelectMany(static one => one.Assembly.GetTypes())
            .Where(static one => one.IsSubclassOf(typeof(GranaryException)) && !one.IsAbstract));

    [Theory]
    [MemberData(nameof(Errors))]
    public void Every_typed_error_has_its_status_and_names_what_to_do(Type error)
    {
        Assert.True(Known.TryGetValue(error, out var known), $"{error.Name} has no status of its own: give it one.");
        var problem = Problems.Of(known.Fault);

        Assert.NotNull(problem);
        Assert.Equal(known.Status, problem.Status);
        Assert.NotEmpty(problem.Title);
        Assert.EndsWith(".", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_known_is_no_problem_document_with_its_own_words() =>
        Assert.Null(Problems.Of(new InvalidOperationException("secret")));

    [Fact]
    public void A_damaged_store_found_while_writing_is_not_worth_a_retry()
    {
        var fault = new EventsNotConfirmedException(Stream, new(1), 1, "no.", new StoreCorruptException("Restore it."));
        Assert.Equal(500, Problems.Of(fault)!.Status);
    }

    [Theory]
    [InlineData(typeof(StoreUnavailableException))]
    [InlineData(typeof(StoreReadOnlyException))]
    [InlineData(typeof(StoreCorruptException))]
    [InlineData(typeof(StoreSchemaException))]
    public void The_path_of_the_store_is_not_exposed(Type error)
    {
        var fault = (Exception)Activator.CreateInstance(error, "/secret/granary.db is away.", null)!;
        Assert.DoesNotContain("secret", Problems.Of(fault)!.Message, StringComparison.Ordinal);
        var unconfirmed = new EventsNotConfirmedException(Stream, new(1), 1, fault.Message, fault);
        Assert.DoesNotContain("secret", Problems.Of(unconfirmed)!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_logged_of_an_error_names_the_trace_that_its_document_names(bool isKnown)
    {
        var lines = new Lines();
        var context = Requests.To("/api/streams/a/b", "/api/streams/{category}/{key}");
        context.RequestServices = new ServiceCollection().AddSingleton<ILoggerFactory>(lines).BuildServiceProvider();

        var problem = Problems.ResponseTo(
            isKnown ? new StoreUnavailableException("Away.") : new FormatException("no"), context);

        Assert.EndsWith($"; trace {problem.TraceId}", Assert.Single(lines.All), StringComparison.Ordinal);
    }

    private sealed class Lines : ILoggerFactory, ILogger
    {
        public List<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => All.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
