namespace Granary.Tests.Integration;

/// <summary>One silo for all the tests that only send requests to it; each uses streams of its own.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    private readonly TempFolder _data = new();
    private SiloProcess? _silo;

    internal SiloProcess Silo => _silo ?? throw new InvalidOperationException("The silo has not been started.");

    internal Api Api => Silo.Api;

    public async ValueTask InitializeAsync() => _silo = await SiloProcess.StartAsync(_data.Path);

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null) await _silo.DisposeAsync();
        _data.Dispose();
    }
}

/// <summary>The tests that share the silo of <see cref="SiloFixture"/>.</summary>
[CollectionDefinition(Name)]
public sealed class SharedSilo : ICollectionFixture<SiloFixture>
{
    public const string Name = "shared silo";
}
