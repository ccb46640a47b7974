using System.ComponentModel.DataAnnotations;

namespace Granary.Runtime;

/// <summary>Checks the annotations of options.</summary>
internal static class OptionsCheck
{
    /// <summary>Checks them all.</summary>
    /// <exception cref="ArgumentException">One is not met. The message has no value of a setting in it.</exception>
    public static void ThrowIfInvalid(object options, string of)
    {
        var faults = new List<ValidationResult>();
        if (Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true))
            return;
        throw new ArgumentException($"{of}: {string.Join(" ", faults.Select(static one => one.ErrorMessage))}");
    }
}
