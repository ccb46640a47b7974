using System.Text;
using Granary.Client;
using Granary.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Unit.Hosting;

/// <summary>
/// A grain's stream has the key as users write it, and the client finds the grain by that name.
/// </summary>
public sealed class StreamKeyTests : IAsyncLifetime
{
    private const string AGuid = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";

    private GranaryTestCluster _cluster = null!;
    private IGranaryClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await GranaryTestCluster.StartAsync(new()
        {
            Configure = static (silo, granary) =>
            {
                granary.AddGranaryGrains();
                silo.Services.AddGranaryClient();
            },
        });
        _client = _cluster.Cluster.Silos[0].ServiceProvider.GetRequiredService<IGranaryClient>();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    public static TheoryData<string> Names =>
    [
        "by-integer/0",
        "by-integer/42",
        "by-integer/66",
        "by-integer/-42",
        "by-integer/9223372036854775807",
        "by-integer/-9223372036854775808",
        "by-integer-and-text/42+Bernoulli+",
        "by-guid/" + AGuid,
        "by-guid-and-text/" + AGuid + "+a/b",
        "by-text/2A",
        "by-text/42+",
        "by-text/Zürich",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_stream_is_named_by_the_grains_key_and_found_by_that_name(string text)
    {
        var name = StreamName.Parse(text);
        await GrainOf(name).Note(text);

        var page = await _client.ReadStreamAsync(name, default, 10, ReadDirection.Forward, Token);
        Assert.Equal(name, Assert.Single(page.Events).Stream);
        var state = await _client.ReadStateAsync(name, Token);
        Assert.Equal((name, 1L), (state.Stream, state.Version.Value));
        Assert.Contains(text, JsonOf(state), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("by-integer/2A")]
    [InlineData("by-integer/042")]
    [InlineData("by-integer/+42")]
    [InlineData("by-integer/-0")]
    [InlineData("by-integer/9223372036854775808")]
    [InlineData("by-integer/ 42")]
    [InlineData("by-integer/forty-two")]
    [InlineData("by-guid/3f2504e04f8911d39a0c0305e82c3301")]
    [InlineData("by-guid/3F2504E0-4F89-11D3-9A0C-0305E82C3301")]
    public async Task A_name_that_is_written_otherwise_is_no_grains(string text)
    {
        var error = await Assert.ThrowsAsync<InvalidStreamKeyException>(
            () => _client.ReadStateAsync(StreamName.Parse(text), Token));

        Assert.Equal(text, $"{error.Category}/{error.Key}");
    }

    [Theory]
    [InlineData("by-integer", "2a")]
    [InlineData("by-integer", "02A")]
    [InlineData("by-integer", "0000000000000002A")]
    [InlineData("by-integer", "hello")]
    [InlineData("by-guid", "3F2504E04F8911D39A0C0305E82C3301")]
    [InlineData("by-guid", AGuid)]
    public async Task A_grain_whose_key_Orleans_would_write_otherwise_has_no_stream(string type, string key)
    {
        var grain = _cluster.Grains.GetGrain(GrainId.Create(type, key)).AsReference<IHistoryExtension>();

        var error = await Assert.ThrowsAsync<InvalidStreamKeyException>(() => grain.ReadHead(Token));

        Assert.Equal((type, key), (error.Category, error.Key));
    }

    [Fact]
    public async Task An_event_stream_in_the_category_of_an_aggregate_is_refused_by_the_grain_itself()
    {
        var intruder = _cluster.Grains.GetGrain<Granary.Contracts.IEventStreamGrain>("by-integer/42");

        var error = await Assert.ThrowsAsync<CategoryOwnedException>(
            () => intruder.Append(new([new("noted", Encoding.UTF8.GetBytes("{}"))])));

        Assert.Equal("by-integer", error.Category);
        var head = await _cluster.Store.ReadHeadAsync(new("by-integer", "42"), Token);
        Assert.Equal(0, head.Version.Value);
    }

    private static string JsonOf(StateView state) => System.Text.Json.JsonDocument.Parse(state.Json).RootElement
        .GetProperty("key").GetString()!;

    private IKeyedGrain GrainOf(StreamName name)
    {
        var plus = name.Key.IndexOf('+', StringComparison.Ordinal);
        var (value, text) = plus < 0 ? (name.Key, null) : (name.Key[..plus], name.Key[(plus + 1)..]);
        return name.Category switch
        {
            "by-integer" => _cluster.Grains.GetGrain<IByIntegerGrain>(long.Parse(value)),
            "by-integer-and-text" => _cluster.Grains.GetGrain<IByIntegerAndTextGrain>(long.Parse(value), text!, null),
            "by-guid" => _cluster.Grains.GetGrain<IByGuidGrain>(Guid.Parse(value)),
            "by-guid-and-text" => _cluster.Grains.GetGrain<IByGuidAndTextGrain>(Guid.Parse(value), text!, null),
            _ => _cluster.Grains.GetGrain<IByTextGrain>(name.Key),
        };
    }
}
