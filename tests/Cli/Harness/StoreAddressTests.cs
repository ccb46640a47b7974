namespace Granary.Tests.Cli;

public sealed class StoreAddressTests
{
    [Theory]
    [InlineData("granary-data/granary.db", "granary-data/granary.db")]
    [InlineData("sqlite:./a b.db", "./a b.db")]
    [InlineData("SQLITE:C:/a.db", "C:/a.db")]
    public void A_path_is_a_file(string text, string path)
    {
        var address = StoreAddress.Parse(text);

        Assert.Equal((path, null, path), (address.Path, address.ConnectionString, $"{address}"));
    }

    [Theory]
    [InlineData("postgres:Host=db;Database=shop;Username=ada;Password=hush", "granary")]
    [InlineData("postgres:Host=db;Database=shop;Username=ada;Password=hush;Schema=events", "events")]
    [InlineData("postgres://ada:hush@db/shop", "granary")]
    [InlineData("postgresql://ada:hush@db/shop?schema=events", "events")]
    public void A_database_is_shown_without_its_secrets(string text, string schema)
    {
        var address = StoreAddress.Parse(text);

        Assert.Null(address.Path);
        Assert.Equal(schema, address.Schema);
        Assert.Equal($"schema {schema} of PostgreSQL database shop at db", $"{address}");
        var parts = new Npgsql.NpgsqlConnectionStringBuilder(address.ConnectionString);
        Assert.Equal(("db", "shop", "ada", "hush"), (parts.Host, parts.Database, parts.Username, parts.Password));
    }

    [Theory]
    [InlineData("azure:AccountName=shop;AccountKey=aHVzaA==;Table=events", "events", "storage account shop")]
    [InlineData("azure:AccountName=shop;AccountKey=aHVzaA==", "granary", "storage account shop")]
    [InlineData("azure:UseDevelopmentStorage=true;Table=events", "events", "the storage emulator")]
    [InlineData(
        "azure:TableEndpoint=https://shop.table.core.windows.net;BlobEndpoint=https://shop.blob.core.windows.net;"
        + "SharedAccessSignature=sv=1&sig=hush", "granary", "storage account shop")]
    [InlineData("https://shop.table.core.windows.net/events?sv=1&sig=hush", "events", "storage account shop")]
    public void An_account_is_shown_without_its_secrets(string text, string table, string account)
    {
        var address = StoreAddress.Parse(text);

        Assert.Equal(table, address.Azure!.Name);
        Assert.Equal($"table {table} of {account}", $"{address}");
    }

    [Theory]
    [InlineData("postgres://ada:p%3Bw%20%27x@[::1]:5433/shop?sslmode=require", "p;w 'x", "::1", 5433)]
    public void What_is_encoded_is_decoded(string text, string password, string host, int port)
    {
        var parts = new Npgsql.NpgsqlConnectionStringBuilder(StoreAddress.Parse(text).ConnectionString);

        Assert.Equal((password, host, port), (parts.Password, parts.Host, parts.Port));
        Assert.Equal(Npgsql.SslMode.Require, parts.SslMode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sqlite:")]
    [InlineData("Host=db;Password=hush")]
    [InlineData("a;Password=hush")]
    [InlineData("http://127.0.0.1:10002/devstoreaccount1?sig=hush")]
    [InlineData("postgres:Password=hush")]
    [InlineData("postgres:Password='hush")]
    [InlineData("postgres://")]
    [InlineData("postgres://ada:hush@db/shop?x")]
    [InlineData("postgres://ada:12/hush@db/shop")]
    [InlineData("postgres://ada:12?hush@db/shop")]
    [InlineData("postgres://ada:12#hush@db/shop")]
    public void What_is_no_address_is_refused_without_repeating_it(string text)
    {
        var fault = Assert.Throws<CommandException>(() => StoreAddress.Parse(text));

        Assert.DoesNotContain("hush", fault.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, fault.ExitCode);
    }

    [Theory]
    [InlineData("postgres:Host=127.0.0.1;Port=1;Username=ada;Password=hush;Timeout=1", ExitCodes.Unavailable)]
    [InlineData("postgres:Host=db;Password=hush;Schema=a;drop", ExitCodes.Usage)]
    [InlineData("postgres:Host=db;Password=hush;Schema=A", ExitCodes.Usage)]
    [InlineData("postgres:Host=db;Password=hush;Nothing=1", ExitCodes.Usage)]
    public async Task No_error_has_the_password(string store, int code)
    {
        using var io = await TestIo.RunAsync(code, "verify", store);

        Assert.DoesNotContain("hush", io.Error + io.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("65")]
    public async Task A_number_of_partitions_that_no_store_has_is_refused(string partitions)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Uuid7.New(TimeProvider.System)}.db");

        using var io = await TestIo.RunAsync(ExitCodes.Usage, "import", path, "--partitions", partitions);

        Assert.Contains("--partitions is 1 to 64", io.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData("copy", "postgres:Host=db;Password=hush", "--to", "b.db")]
    [InlineData("copy", "--form", "postgres://ada:hush@db/shop")]
    [InlineData("copy", "--form=postgres://ada:hush@db/shop", "--to", "b.db")]
    [InlineData("streams", "a.db", "Host=db;Password=hush")]
    [InlineData("postgres://ada:hush@db/shop")]
    [InlineData("tail", "--last", "postgres://ada:hush@db/shop")]
    public async Task A_store_in_a_wrong_place_is_not_repeated(params string[] arguments)
    {
        using var io = await TestIo.RunAsync(ExitCodes.Usage, arguments);

        Assert.DoesNotContain("hush", io.Error + io.Output, StringComparison.Ordinal);
    }
}
