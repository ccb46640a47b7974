using System.Reflection;
using System.Text.Json;
using Granary.Tests.Unit.Tidy;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Granary.Tests.Unit.Abstractions;

/// <summary>Grains throw these to clients, so each must arrive whole: as its own type, with its data.</summary>
public sealed class ErrorSerializationTests
{
    private static readonly StreamName Stream = new("account", "a1");
    private static readonly InvalidOperationException Cause = new("the cause");

    private static readonly GranaryException[] Samples =
    [
        new AdoptionFailedException(Stream, "orders", "it is away.", Cause),
        new CategoryOwnedException("account"),
        new InvalidStreamKeyException("by-number", "2A", GrainKeyKind.Integer),
        new CommandIdReusedException(Stream, "c1"),
        new EventNotApplicableException(Stream, "noted", Cause),
        new EventNotEncodableException("noted", "it holds a thread.", Cause),
        new EventsNotConfirmedException(Stream, new(5), 3, "the disk is full.", Cause),
        new LimitExceededException("event", 20, 10, "Write less."),
        new NotOnGranaryException("account/a1"),
        new ReplayFailedException(Events.Codecs.Stored("noted", "{", 2), "it is cut off.", Cause),
        new ReaderUnknownException("balances"),
        new ProjectionUnknownException("balances"),
        new ProjectionIsLiveException("balances"),
        new SqlModelsRequiredException("orders", null),
        new SubscriptionUnknownException("mailer"),
        new SubscriptionExistsException("mailer", "Choose another name."),
        new SubscriptionUnavailableException("mailer", new(3), "It moves to another silo."),
        new ModelQueryException("colour", "There is no such column."),
        new ModelsBehindException("balances", LogPositions.Parse("0:9,1:4"), LogPositions.Parse("0:7,1:4")),
        new LogReplacedException("balances_v1", new(new(3), new(7)), "partition 3 ends at 5."),
        new StaleEpochException(new(3), 7, 8),
        new StreamTruncatedException(Stream, new(1), new(3)),
        new StreamNotTruncatedException(Stream, "because."),
        new StateNotReadableException(Stream, new(3)),
        new StateNotShownException("State", "it holds a thread.", Cause),
        new StateNotSupportedException(typeof(object), "State.Member", "a delegate cannot be copied."),
        new StoreCorruptException("Twice position 5.", Cause),
        new StoreReadOnlyException("The file is read-only.", Cause),
        new StoreSchemaException("Written by version 9.", Cause),
        new StoreUnavailableException("The disk is full.", Cause),
        new WrongExpectedVersionException(Stream, ExpectedVersion.Exactly(new(4), new(9)), new(5)),
    ];

    public static TheoryData<string> Names => new(Errors().Select(static type => type.FullName!));

    [Theory]
    [MemberData(nameof(Names))]
    public void An_error_arrives_as_it_was_thrown(string name)
    {
        var sent = SampleOf(name);

        var received = Assert.IsAssignableFrom<Exception>(Send(sent));

        Assert.Equal(sent.GetType(), received.GetType());
        Assert.Equal(sent.Message, received.Message);
        Assert.Equal(sent.InnerException?.Message, received.InnerException?.Message);
        Assert.Equal(sent.InnerException?.GetType(), received.InnerException?.GetType());
        foreach (var property in DataOf(sent.GetType()))
            Assert.Equal(property.GetValue(sent), property.GetValue(received));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_error_carries_data_and_has_it_in_its_message(string name)
    {
        var error = SampleOf(name);
        string[] withoutData = ["StoreCorrupt", "StoreReadOnly", "StoreSchema", "StoreUnavailable"];

        Assert.True(error.GetType().IsSealed);
        Assert.DoesNotContain("Exception", error.Message, StringComparison.Ordinal);
        if (!withoutData.Contains(error.GetType().Name.Replace("Exception", "", StringComparison.Ordinal)))
            Assert.NotEmpty(DataOf(error.GetType()));
        foreach (var value in DataOf(error.GetType()).Select(property => property.GetValue(error)))
            Assert.Contains($"{value}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unavailable_store_may_be_caused_by_malformed_JSON_as_well()
    {
        var received = Send(new StoreCorruptException("Metadata.", new JsonException("cut off")));

        Assert.Equal("cut off", Assert.IsType<StoreCorruptException>(received).InnerException!.Message);
    }

    [Fact]
    public void An_error_whose_cause_is_the_application_s_own_arrives_with_the_cause_as_text()
    {
        var cause = new InvalidOperationException("around", new OwnException("inside"));

        var received = Assert.IsType<EventNotApplicableException>(
            Send(new EventNotApplicableException(Stream, "noted", cause)));

        Assert.Contains("around", received.InnerException!.Message, StringComparison.Ordinal);
        Assert.Contains($"{typeof(OwnException)}: inside", received.ToString(), StringComparison.Ordinal);
    }

    private sealed class OwnException(string message) : Exception(message);

    private static IEnumerable<Type> Errors() => OurAssemblies.All.SelectMany(static assembly => assembly.GetTypes())
        .Where(static type => type.IsSubclassOf(typeof(GranaryException)) && !type.IsAbstract);

    private static Exception SampleOf(string name) =>
        Assert.Single(Samples, sample => sample.GetType().FullName == name);

    private static IEnumerable<PropertyInfo> DataOf(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly);

    private static object? Send(Exception error)
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        return serializer.Deserialize<object>(serializer.SerializeToArray<object>(error));
    }
}
