using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>Checks the rules of retention when the silo starts.</summary>
internal sealed class RetentionOptionsValidator(IServiceProvider services) : IValidateOptions<RetentionOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, RetentionOptions options)
    {
        var faults = new List<string>();
        foreach (var (category, rule) in options.Rules)
        {
            var found = new List<ValidationResult>();
            Validator.TryValidateObject(rule, new ValidationContext(rule), found, validateAllProperties: true);
            faults.AddRange(found.Select(one => $"The retention rule of category '{category}': {one.ErrorMessage}"));
            if (!StreamName.TryCreate(category, "any", out _, out _))
                faults.Add($"The retention rule of '{category}': no stream has this category.");
        }

        if (options.Rules.Count > 0 && services.GetService<IStreamCatalog>() is null)
            faults.Add("There are retention rules, but the store does not list its streams: register an "
                + $"{nameof(IStreamCatalog)} of it.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
