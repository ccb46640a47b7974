// A command may come twice: the network loses an answer, and the caller sends it again.
using Granary;
using Granary.Samples;
using Granary.Samples.Commands;

using var sample = new Sample();

await using (var silo = await StartAsync())
{
    var account = silo.Grain<IAccountGrain>("ada");

    Sample.Step("A command with an id takes effect once, and a repetition gets the first answer.");
    Sample.Show(await account.Deposit("d-1", 100), new Receipt(true, 100));
    Sample.Show(await account.Withdraw("w-1", 30), new Receipt(true, 70));
    Sample.Show(await account.Deposit("d-1", 100), new Receipt(true, 100));

    Sample.Step("A refusal is an answer too, and a repetition is not decided again.");
    Sample.Show(await account.Withdraw("w-2", 500), new Receipt(false, 70));
    Sample.Show(await account.Deposit("d-2", 1_000), new Receipt(true, 1_070));
    Sample.Show(await account.Withdraw("w-2", 500), new Receipt(false, 70));

    Sample.Step("An id that was used for another command is refused.");
    Sample.Show(await IsRefusedAsync(() => account.Deposit("d-1", 999)), true);
}

Sample.Step("Commands are kept in the log: a new silo finds them.");
await using (var silo = await StartAsync())
{
    var account = silo.Grain<IAccountGrain>("ada");
    Sample.Show(await account.Withdraw("w-1", 30), new Receipt(true, 70));
    Sample.Show(await account.Deposit("d-3", 1), new Receipt(true, 1_071));
}

Task<SampleSilo> StartAsync() => SampleSilo.StartAsync(silo =>
    silo.AddGranary().UseSqlite(options => options.Path = sample.DataPath));

static async Task<bool> IsRefusedAsync(Func<Task<Receipt>> call)
{
    try
    {
        await call();
        return false;
    }
    catch (CommandIdReusedException)
    {
        return true;
    }
}
