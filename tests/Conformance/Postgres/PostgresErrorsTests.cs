using Granary.Storage.Postgres;
using Npgsql;

namespace Granary.Tests.Conformance.Postgres;

public sealed class PostgresErrorsTests
{
    [Theory]
    [InlineData("Exception while reading from stream")]
    [InlineData("Failed to connect.")]
    public void A_lost_connection_is_reported_in_whole_sentences(string reason)
    {
        var fault = PostgresErrors.Map(new NpgsqlException(reason), "schema granary");

        Assert.Equal(
            $"The connection to schema granary failed: {reason.TrimEnd('.')}. Check that the server runs and can be "
            + "reached; the store continues when it can.",
            Assert.IsType<StoreUnavailableException>(fault).Message);
    }
}
